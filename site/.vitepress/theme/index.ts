// The look of the site: the default theme in the colours of the inspector, without web fonts.

import DefaultTheme from 'vitepress/theme-without-fonts';
import type { Theme } from 'vitepress';
import { h } from 'vue';
import { FormatFilter } from './format-filter.ts';
// oxlint-disable-next-line import/no-unassigned-import -- Vite puts the style into the page
import './style.css';

const theme: Theme = {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'doc-after': () => h(FormatFilter) }),
};

export default theme;
