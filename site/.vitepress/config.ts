// The site as VitePress makes it: README and docs, in two languages, with a search that asks no server.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import type { DefaultTheme, LocaleSpecificConfig, Plugin } from 'vitepress';
import { anchorOf, documentLinks } from '../markdown.ts';
import { navOf, sidebarOf } from '../menu.ts';
import { sectionsOf } from '../search-terms.ts';

interface Locale extends LocaleSpecificConfig<DefaultTheme.Config> {
  readonly label: string;
}

const english: Locale = {
  label: 'English',
  lang: 'en',
  description: 'Message framing for TCP in Node.js: whole messages, in order, or a clear error.',
  themeConfig: { nav: navOf('en'), sidebar: sidebarOf('en'), outline: { level: [2, 3] } },
};

const chinese: Locale = {
  label: '简体中文',
  lang: 'zh-CN',
  description: 'Node.js 的 TCP 拆包库，解决粘包、半包：完整、有序的报文，或者一个说得清楚的错误。',
  themeConfig: {
    nav: navOf('zh'),
    sidebar: sidebarOf('zh'),
    outline: { level: [2, 3], label: '本页目录' },
    docFooter: { prev: '上一页', next: '下一页' },
    darkModeSwitchLabel: '外观',
    lightModeSwitchTitle: '切换到浅色',
    darkModeSwitchTitle: '切换到深色',
    sidebarMenuLabel: '菜单',
    returnToTopLabel: '回到顶部',
    langMenuLabel: '切换语言',
    skipToContentLabel: '跳到正文',
    notFound: {
      title: '没有这一页',
      quote: '这个地址下没有内容。',
      linkText: '回到首页',
      linkLabel: '回到首页',
    },
  },
};

const chineseSearch: DefaultTheme.LocalSearchOptions['translations'] = {
  button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
  modal: {
    displayDetails: '显示详情',
    resetButtonTitle: '清空',
    backButtonTitle: '关闭',
    noResultsText: '没有结果：',
    footer: {
      selectText: '打开',
      navigateText: '移动',
      closeText: '关闭',
      selectKeyAriaLabel: '回车',
      navigateUpKeyAriaLabel: '上',
      navigateDownKeyAriaLabel: '下',
      closeKeyAriaLabel: 'Esc',
    },
  },
};

/** Gives the search box of the theme a search that knows Chinese. */
const searchWithTerms: Plugin = {
  name: 'search-with-terms',
  enforce: 'pre',
  resolveId: (wanted, importer = '') =>
    wanted === 'minisearch' && importer.includes('VPLocalSearchBox')
      ? fileURLToPath(new URL('theme/search.ts', import.meta.url))
      : undefined,
};

/** Where the site is served: `/`, or a path below it that ends with `/`. */
const base = process.env['UNSTICK_SITE_BASE'] ?? '/';

export default defineConfig({
  title: 'unstick',
  base,
  srcDir: '.pages',
  outDir: process.env['UNSTICK_SITE_OUT'] ?? 'dist',
  cacheDir: '.vitepress/cache',
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    ['meta', { name: 'referrer', content: 'no-referrer' }],
  ],
  markdown: {
    html: false,
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark' },
    config: (markdown) => documentLinks(markdown, base),
  },
  // The playground and the reference are laid beside the pages when these are made.
  ignoreDeadLinks: [/^\/(?:playground|api\/)/],
  locales: { root: english, zh: chinese },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        locales: { zh: { translations: chineseSearch } },
        miniSearch: { _splitIntoSections: (_, html) => sectionsOf(html) },
      },
    },
  },
  vite: {
    plugins: [searchWithTerms],
    build: { chunkSizeWarningLimit: 2000 },
  },
});
