// Every text of the page, in English and in Chinese, in one table. `{0}` stands for a value, and `{0|byte|bytes}`
// for a number with its noun. This file is pure.

export type Language = 'en' | 'zh';

/** Each row has the English and the Chinese text. */
const WORDS = {
  title: ['Inspector', '报文查看器'],
  language: ['中文', 'English'],
  keys: ['Keys', '快捷键'],
  live: ['live', '实时'],
  paused: ['paused', '已暂停'],
  over: ['read to its end', '已读完'],
  reading: ['reading', '读取中'],
  lost: ['connection lost: is the command still running?', '连接已断开：命令还在运行吗？'],
  pause: ['Pause', '暂停'],
  goOn: ['Go on', '继续'],
  follow: ['Follow', '跟随'],
  conversations: ['Conversations', '连接'],
  allConversations: ['All conversations', '全部连接'],
  older: ['Older', '更早'],
  newer: ['Newer', '更新'],
  conversationFacts: ['{0|frame|frames}, {1}', '{0} 条报文，{1}'],
  wrongFrames: ['{0} wrong', '{0} 条错误'],
  bothWays: ['Both directions', '两个方向'],
  toServer: ['To the server', '发往服务端'],
  toClient: ['To the client', '发往客户端'],
  errorsOnly: ['Errors only', '只看错误'],
  nextError: ['Next error', '下一个错误'],
  previousError: ['Previous error', '上一个错误'],
  search: ['Search', '查找'],
  searchHint: ['text, 00 05, #12, @99', '文本、00 05、#12、@99'],
  next: ['Next', '下一个'],
  previous: ['Previous', '上一个'],
  searching: ['Searching … {0}', '查找中……{0}'],
  notFound: ['Not found: {0}', '没有找到：{0}'],
  found: ['Row {0}', '第 {0} 行'],
  frames: ['Frames', '报文'],
  direction: ['Direction', '方向'],
  conversation: ['Conv.', '连接'],
  number: ['Frame', '序号'],
  offset: ['Offset', '偏移'],
  size: ['Head + payload', '头部 + 数据'],
  chunks: ['Chunks', '数据块'],
  segments: ['Segments', '分段'],
  notes: ['Cut', '切分'],
  time: ['Time', '时间'],
  bytes: ['Bytes', '字节'],
  half: ['half', '半包'],
  sticky: ['sticky', '粘包'],
  lostBytes: ['{0|byte is|bytes are} missing in the capture', '抓包里缺少 {0} 字节'],
  noiseBytes: ['{0|byte is|bytes are} no frame', '{0} 字节不属于任何报文'],
  unfinished: ['not finished: {0|byte|bytes} came', '不完整：收到 {0} 字节'],
  unfinishedOf: ['not finished: {0} of {1|byte|bytes} came', '不完整：{1} 字节中收到了 {0} 字节'],
  notKept: [
    '{0|row is|rows are} not kept, because memory is limited',
    '内存有限，有 {0} 行没有保留',
  ],
  noRows: ['No frames yet', '还没有报文'],
  noneKept: ['What was shown here is not kept any more', '这里显示过的行已不再保留'],
  noErrors: ['No errors', '没有错误'],
  summary: [
    '{0|frame|frames} · {1} half · {2} sticky · {3} wrong',
    '{0} 条报文 · {1} 个半包 · {2} 个粘包 · {3} 条错误',
  ],
  ruler: ['The bytes around the selected frame', '所选报文前后的字节'],
  rulerLabel: [
    'Frame {0}: {1|byte|bytes} of head, {2} of payload, in {3}',
    '第 {0} 条报文：头部 {1} 字节，数据 {2} 字节，位于{3}',
  ],
  oneChunk: ['chunk {0}', '数据块 {0}'],
  manyChunks: ['chunks {0} to {1}', '数据块 {0} 到 {1}'],
  oneSegment: ['segment {0}', '分段 {0}'],
  manySegments: ['segments {0} to {1}', '分段 {0} 到 {1}'],
  head: ['head', '头部'],
  payload: ['payload', '数据'],
  tail: ['tail', '尾部'],
  cutIn: ['cut in {0}', '在{0}处切开'],
  sticksTo: ['shares its first piece with the frame before', '与前一条报文在同一块里'],
  moreBytes: ['{0} more', '还有 {0} 字节'],
  both: ['{0}; {1}', '{0}；{1}'],
  moreCuts: ['{0|cut|cuts}', '{0} 处切开'],
  selected: ['Selected frame', '所选报文'],
  nothingSelected: ['Select a frame to see its bytes.', '选择一条报文以查看字节。'],
  headFields: ['Head', '头部'],
  noFields: ['The format has no head.', '这种格式没有头部。'],
  hidden: [
    'Payload bytes are not shown: they may hold passwords. Start with --bytes to see them.',
    '报文内容里可能有密码，所以不显示。加上 --bytes 就能看到。',
  ],
  forgotten: ['The bytes of this frame are not kept any more.', '这条报文的字节已不再保留。'],
  rowGone: ['This row is not kept any more.', '这一行已不再保留。'],
  suspect: [
    'Suspect: frame {0}, whose length is noticed late',
    '可疑：第 {0} 条报文，它的长度错误到后面才暴露',
  ],
  goodAgain: ['Good again at offset {0}', '从偏移 {0} 起恢复正常'],
  neverGood: ['No frame was found behind it', '后面没有找到报文'],
  keysTitle: ['Keys', '快捷键'],
  close: ['Close', '关闭'],
  keyMove: ['move in the list', '在列表里移动'],
  keyEnds: ['first row, last row', '第一行、最后一行'],
  keyError: ['next error, previous error', '下一个错误、上一个错误'],
  keySearch: ['search', '查找'],
  keyMatch: ['next match, previous match', '下一个匹配、上一个匹配'],
  keyPause: ['pause, go on', '暂停、继续'],
  keyFollow: ['follow a live connection', '跟随实时连接'],
  keyConversations: ['conversations', '连接列表'],
  keyList: ['back to the list', '回到列表'],
  keyHelp: ['this help', '这个帮助'],
  skip: ['To the list of frames', '跳到报文列表'],
  pasteHex: ['Bytes in hex; | ends a piece', '十六进制字节，| 表示在这里切开'],
  format: ['Format', '格式'],
  guess: ['Guess', '猜一猜'],
  inspect: ['Inspect', '查看'],
  openFile: ['Open a capture or a file …', '打开抓包文件或字节流文件……'],
  dropFile: [
    'or drop it here: pcap, pcapng, gzip, bytes.',
    '也可以拖到这里：pcap、pcapng、gzip、字节流。',
  ],
  stays: ['Nothing leaves this page.', '所有数据都只留在这个页面里。'],
  showPayload: ['Show payload bytes', '显示报文内容'],
  copyLink: ['Copy link', '复制链接'],
  linkBytes: ['with the bytes', '包含字节'],
  linkCopied: ['The link is copied.', '链接已复制。'],
  linkFailed: [
    'The browser did not copy. The link stands in the address bar.',
    '浏览器没有复制。链接在地址栏里。',
  ],
  linkTooLong: ['The bytes are too many for a link.', '字节太多，放不进链接。'],
  guessNone: ['No framing was found.', '没有猜出格式。'],
  guessLikely: ['Likely: {0}', '很可能是：{0}'],
  guessSure: ['Sure: {0}', '可以确定是：{0}'],
  guessing: ['Guessing …', '正在猜……'],
  guessed: ['guessed: {0}', '猜测：{0}'],
  guessFits: ['{0}: {1} of {2|frame|frames} fit', '{0}：{2} 条中有 {1} 条吻合'],
  guessFrom: ['{0} from @{1}', '{0}（从 @{1} 起）'],
  readingHex: ['Reading the hex …', '正在读取十六进制……'],
  tooLong: [
    'This is more than the page can take: open it as a file.',
    '太长了，请存成文件再打开。',
  ],
  pastedBytes: ['{0} of hex were pasted, too many to show here', '已粘贴 {0}，太长，不在这里显示'],
  editFile: ['Cut it by hand', '手动切分'],
  captureIsCut: [
    'A capture has its own cuts: they are those of the network.',
    '抓包文件自带切分，就是网络上的那些分段。',
  ],
  documents: ['Documents', '文档'],
  delivery: ['How TCP delivers it', 'TCP 怎样交付'],
  reads: ['What each read holds', '每次读到的内容'],
  oneFrame: ['one frame', '一条报文'],
  noFrame: ['no whole frame', '没有完整报文'],
  someBytes: ['{0|byte|bytes}', '{0} 字节'],
  moreReads: ['{0} more', '还有 {0} 次'],
  deliverySummary: [
    '{0|read|reads}, {1|frame|frames}. Move a cut: the reads change, the frames do not.',
    '{0} 次读取，{1} 条报文。移动切分：每次读到的内容会变，报文不会变。',
  ],
  drawnOnly: ['The first {0} of {1|byte|bytes} are drawn.', '共 {1} 字节，只画出前 {0} 字节。'],
  cutWhole: ['In one piece', '合成一块'],
  cutBytes: ['Byte by byte', '逐字节'],
  cutRandom: ['At random', '随机切分'],
  addCut: ['Add a cut', '加一刀'],
  cutHint: [
    'Drag a cut, or use the arrow keys; Delete joins. Click a byte to cut in front of it.',
    '拖动切分处，或用方向键移动，Delete 合并。点击一个字节，就在它前面切开。',
  ],
  cutNumber: ['Cut {0}', '第 {0} 处切分'],
  beforeByte: ['before byte {0}', '在字节 {0} 之前'],
  badHex: ['This is no hex: write two digits a byte.', '不是十六进制：每个字节写两位。'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type Word = keyof typeof WORDS;

/** Returns a text of the page in the language of the person. */
export type Say = (word: Word, ...values: readonly (string | number)[]) => string;

/** Returns the function that returns texts in a language. */
export function words(language: Language): Say {
  const at = language === 'en' ? 0 : 1;
  return (word, ...values) =>
    WORDS[word][at].replaceAll(/\{(\d)(?:\|([^|}]+)\|([^|}]+))?\}/g, (_, ...found) => {
      const [place, one, many]: readonly (string | undefined)[] = found;
      const value = values[Number(place)] ?? '';
      const shown = typeof value === 'number' ? grouped(value) : value;
      return one === undefined ? shown : `${shown} ${value === 1 ? one : many}`;
    });
}

/** Returns a number with narrow spaces between groups of three digits, so that a long number can be read. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, '\u202f');
}

/** Returns a number of bytes with a unit. */
export function byteCount(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? ''}`;
}

/**
 * Returns the language of the page for the languages that a person prefers. The most wanted language is the
 * first.
 */
export function languageOf(preferred: readonly string[]): Language {
  const known = preferred.find((tag) => /^(?:zh|en)\b/i.test(tag));
  return known !== undefined && /^zh/i.test(known) ? 'zh' : 'en';
}

/** Returns the language that an address asks for with `lang`. */
export function languageIn(search: string): Language | undefined {
  const wanted = new URLSearchParams(search).get('lang');
  return wanted === 'en' || wanted === 'zh' ? wanted : undefined;
}

/** All rows of the table, for its test. */
export const WORD_ROWS: Readonly<Record<string, readonly [string, string]>> = WORDS;
