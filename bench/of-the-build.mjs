// Makes the benchmarks import the build where they name an entry of the source: `node --import tsx --import ./bench/of-the-build.mjs`.
// That is what users run. tsx gives each function of the source its name again when the function is made, which costs
// closures memory and time.

import { register } from 'node:module';

const hooks = `export const resolve = async (specifier, context, next) => {
  const found = await next(specifier, context);
  const built = found.url.replace(/\\/src\\/entries\\/(.*)\\.ts$/, '/dist/entries/$1.js');
  return built === found.url ? found : { ...found, url: built, format: 'module' };
};`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
