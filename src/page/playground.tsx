// The page without a server: a person pastes hex or drops a file, and this page inspects the bytes. The same
// script also runs as the worker that guesses.

import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { App } from './app.tsx';
import { DeliveryEditor } from './delivery-editor.tsx';
import type { Delivery } from './delivery.ts';
import { piecesOf } from './delivery.ts';
import { useDesk } from './desk.ts';
import { answerAsWorker, isWorker } from './guess-worker.ts';
import { printHex } from './hex.ts';
import { InputForm } from './input-form.tsx';
import { start } from './root.tsx';
import type { PageProps } from './root.tsx';
import { words } from './words.ts';

/**
 * Key under which the site keeps the colours that a person has chosen: light, dark, or as the system has
 * them.
 */
const THEME = 'vitepress-theme-appearance';

/** Applies the colours that a person has chosen on the site around this page. */
function followSite(): void {
  try {
    const theme = localStorage.getItem(THEME);
    if (theme === 'light' || theme === 'dark') {
      document.documentElement.style.colorScheme = theme;
    }
  } catch {
    // A page of a file, or a person, may forbid the store. Then the colours of the system are used.
  }
}

function Playground({ language, setLanguage }: PageProps): VNode {
  const desk = useDesk();
  const say = useMemo(() => words(language), [language]);
  const form = <InputForm desk={desk} say={say} />;
  const { result, run, fields } = desk;
  if (result === undefined) {
    return form;
  }
  const { source, drawn } = result;
  const change = (delivery: Delivery): void => run({ hex: printHex(piecesOf(delivery)) });
  const isDrawn = fields.file === undefined && fields.pasted === undefined;
  const home = language === 'zh' ? 'zh/index.html' : 'index.html';
  return (
    <App source={source} language={language} setLanguage={setLanguage} home={home}>
      {form}
      {isDrawn && drawn !== undefined && drawn.delivery.bytes.length > 0 && (
        <DeliveryEditor drawn={drawn} change={change} say={say} />
      )}
    </App>
  );
}

if (isWorker) {
  answerAsWorker();
} else {
  followSite();
  document.documentElement.classList.add('playground');
  start(Playground);
}
