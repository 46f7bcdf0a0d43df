// The search of the theme, for Chinese as well: a question goes through the function that made the index.

import MiniSearch from 'minisearch';
import { searchTerms } from '../../search-terms.ts';

// oxlint-disable-next-line typescript/unbound-method -- it is called with the search that it belongs to
const { search } = MiniSearch.prototype;

MiniSearch.prototype.search = function searchWithTerms(this: MiniSearch, query, options) {
  return search.call(this, typeof query === 'string' ? searchTerms(query) : query, options);
};

export default MiniSearch;
