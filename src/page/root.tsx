// Starts a page in the language of the person.

import { render } from 'preact';
import type { ComponentType, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { languageIn, languageOf } from './words.ts';
import type { Language } from './words.ts';

export interface PageProps {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
}

function Root({ Page }: { readonly Page: ComponentType<PageProps> }): VNode {
  const [language, setLanguage] = useState<Language>(
    () => languageIn(location.search) ?? languageOf(navigator.languages),
  );
  return <Page language={language} setLanguage={setLanguage} />;
}

/** Draws a page into the document. */
export function start(Page: ComponentType<PageProps>): void {
  render(<Root Page={Page} />, document.body);
}
