// The page of `unstick inspect --web`. The server holds the inspection.

import type { VNode } from 'preact';
import { App } from './app.tsx';
import { RemoteSource } from './remote-source.ts';
import { start } from './root.tsx';
import type { PageProps } from './root.tsx';

const source = new RemoteSource();

start(function Inspect({ language, setLanguage }: PageProps): VNode {
  return <App source={source} language={language} setLanguage={setLanguage} />;
});
