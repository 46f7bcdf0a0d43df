// The bar and the menu of the site, in both languages.

import { documents, pageName, titleOf } from './documents.ts';
import type { Language } from './documents.ts';

/** Each row: English, Chinese. */
type Words = readonly [string, string];

interface Group {
  readonly title: Words;
  readonly pages: Readonly<Record<string, Words>>;
}

const GROUPS: readonly Group[] = [
  {
    title: ['Start', '开始'],
    pages: {
      index: ['What it does', '它做什么'],
      tutorial: ['Tutorial', '教程：从粘包到协议'],
      'which-codec': ['Which codec?', '该用哪个 codec？'],
      recipes: ['Recipes', '常用做法'],
      runtimes: ['Where it runs', '运行环境'],
      upgrading: ['Upgrading', '升级'],
    },
  },
  {
    title: ['Frames', '分帧'],
    pages: {
      formats: ['Formats', '协议一览'],
      'framing-recipes': ['Framing recipes', '分帧的做法'],
      markers: ['Lines, markers, escapes', '分隔符与转义'],
      kit: ['Codecs with the kit', '自己写 codec'],
      'wire-format': ['Wire format', '传输格式'],
    },
  },
  {
    title: ['Connections', '连接'],
    pages: {
      connection: ['A connection, and its end', '连接与它的结束'],
      serving: ['Servers and clients', '服务端与客户端'],
      peer: ['Peers', '对端：请求与通道'],
      errors: ['Errors', '错误'],
    },
  },
  {
    title: ['See and break', '查看与破坏'],
    pages: {
      inspect: ['Inspect', '查看报文'],
      guessing: ['Guess', '猜格式'],
      chop: ['The proxy', '代理 chop'],
    },
  },
  {
    title: ['Prove', '证明'],
    pages: {
      proving: ['Proving', '证明切分无关'],
      dialogues: ['Dialogues', '对话脚本'],
      'proving-findings': ['What it found', '找到的问题'],
      evidence: ['Evidence', '证据'],
    },
  },
  {
    title: ['Cost and safety', '性能与安全'],
    pages: {
      performance: ['Performance', '性能'],
      'performance-findings': ['Performance: findings', '性能：发现'],
      security: ['Security', '安全'],
      'security-comparison': ['Beside other programs', '与其他程序比较'],
    },
  },
  {
    title: ['Project', '项目'],
    pages: {
      changelog: ['Changes', '更新记录'],
      architecture: ['Architecture', '架构'],
      contributing: ['Contributing', '参与开发'],
    },
  },
];

interface Item {
  readonly text: string;
  readonly link: string;
  readonly target?: string;
}

function word(words: Words, language: Language): string {
  return words[language === 'en' ? 0 : 1];
}

function home(language: Language): string {
  return language === 'en' ? '/' : '/zh/';
}

/** Documents that no group names: a new one needs no row here to be found. */
function others(): Readonly<Record<string, Words>> {
  const known = new Set(['api', ...GROUPS.flatMap(({ pages }) => Object.keys(pages))]);
  const unknown = documents().filter((document) => !known.has(pageName(document)));
  return Object.fromEntries(
    unknown.map((document) => [pageName(document), [titleOf(document), titleOf(document)]]),
  );
}

/** The menu at the side. */
export function sidebarOf(language: Language): { text: string; items: Item[] }[] {
  const more: Group = { title: ['More', '更多'], pages: others() };
  return [...GROUPS, more]
    .filter(({ pages }) => Object.keys(pages).length > 0)
    .map(({ title, pages }) => ({
      text: word(title, language),
      items: Object.entries(pages).map(([name, words]) => ({
        text: word(words, language),
        link: `${home(language)}${name === 'index' ? '' : name}`,
      })),
    }));
}

/** The bar at the top. The playground is a page of its own, which the router must not load. */
export function navOf(language: Language): Item[] {
  return [
    { text: word(['Guide', '文档'], language), link: home(language) },
    { text: word(['Formats', '协议'], language), link: `${home(language)}formats` },
    {
      text: word(['Playground', '试一试'], language),
      link: language === 'en' ? '/playground.html?lang=en' : '/playground.html?lang=zh',
      target: '_self',
    },
    { text: 'API', link: `${home(language)}api` },
  ];
}
