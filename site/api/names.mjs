// A plugin of typedoc: modules get the names by which programs import them.

import { Converter } from 'typedoc';

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      module.name = module.name === 'main' ? 'unstick' : `unstick/${module.name}`;
    }
  });
}
