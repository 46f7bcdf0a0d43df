// 中文讲解。

import { mebibytes } from '../../support/ink.ts';
import type { Words } from './words.ts';

export const wordsZh: Words = {
  headline: 'unstick：TCP 会对消息做什么，又该怎样还原',
  intro: [
    'TCP 只保证字节按序到达，可以在任何地方切开；什么是一条消息，它并不知道。',
    '所以一次 recv() 拿到的，可能是半条消息（半包），也可能是粘在一起的几条（粘包）。',
    '以下都是刚刚在 127.0.0.1 的真实进程之间测得的结果。',
  ],
  messages: '发送的消息',
  chunks: 'recv() 收到',
  naive: {
    title: '最朴素的写法：把一次 recv() 当成整个应答',
    server: '把输出全部发出，却没说到哪里结束',
    mistake: '✘ 把收到的一块当成了一条消息',
    neverRead: (bytes) => `其余 ${bytes}，留给以后的每一次提问`,
    notVersion: '← 这是版本号吗？',
    moral: '从这里开始，每个应答都属于更早的问题。',
    claimRest: (from, to) =>
      `第 2 个应答是第 1 个应答的第 ${from} 到 ${to} 字节，也就是它的剩余部分（粘包）`,
    claimVersion: (behind) => `版本号其实也到了：排在 ${behind} 字节之后，不属于任何一个应答`,
  },
  almost: {
    title: '差一点就对：长度 + JSON 头 + 正文，但长度只 recv(4) 一次',
    mistake: '✘ 最多 4 字节，而不是正好 4 字节',
    unstick: '✔ 同样的字节，由 unstick 读取',
    name: '差一点就对',
    moral: '现在，网络让前 2 个字节比其余部分早到一点点：',
    mapTitle: (places) =>
      `同一条消息，依次在每个字节之后切开，共 ${places} 个连接：完整（✔）还是出错（✘）？`,
    claimQuiet: (whole, of) => `安静的本机回环上，${of} 个应答有 ${whole} 个完整：测试通过，上线`,
    claimBreaks: '切成“2 + 其余”到达时，第一条消息就出错（半包）',
    claimUnstick: '同样的字节、同样的切法，经过 unstick：消息完整',
    claimPlaces: (whole, of) => `无论切在哪里，unstick 都完整：${of} 处中的 ${whole} 处`,
  },
  whole: {
    title: '用 unstick：收发的是消息，应答多长都可以',
    server: '每一段输出就是一条消息',
    client: '发了什么就收到什么，完整、按序',
    longOutput: 'node -e "…"   （很多很多带编号的行）',
    start: '长应答中的一段，这一次是这样到达的：',
    delivered: (chunks, messages) => `到达 ${chunks} 块，收到 ${messages} 条消息`,
    half: (chunks) => `${chunks} 块在一条消息的中间结束（半包）`,
    stuck: (chunks) => `${chunks} 块里有两条以上消息的字节（粘包）`,
    speed: (seconds, rate) => `用时 ${seconds} 秒，${rate} MB/s，两端都计算了校验值`,
    hashes: ['发送端 SHA-256', '接收端'],
    memoryTitle: '从开始到结束的内存（每一格：从起点到起点 + 128 MiB）：',
    memoryNames: ['服务端', '客户端'],
    memory: ({ start, peak }) => `起点 ${mebibytes(start)}，峰值 ${mebibytes(peak)}`,
    claimShort: '两个短应答与命令的输出完全一致，一个字节不多，一个字节不少',
    claimLong: (bytes) => `真实的子进程输出了 ${bytes} 字节，全部到达，退出码 0`,
    claimHash: '两端的 SHA-256 相同',
    claimMemory: (name, growth) => `${name}内存只增加了 ${growth}，低于 128 MiB`,
  },
  cures: {
    headline: (messages, length) =>
      `${messages} 条消息，每条 ${length} 字节，各 send() 一次。一次 recv() 会拿到什么？`,
    oneTick: '一口气全部发出，recv(1024)',
    nothing: '一条接一条，recv(1024)',
    sleep: '每次发送后 sleep 1 毫秒',
    allThree: '三种一起用',
    gate: '等接收端读完再发下一条',
    python: 'Python：一条接一条',
    pythonNoDelay: 'Python：TCP_NODELAY',
    idle: '接收端空闲',
    busy: (ms) => `接收端每次处理 ${ms} 毫秒`,
    cure: '偏方',
    taken: '次数，',
    right: '正好一条消息',
    isNone: (cure, right, of) => `${cure}：治不好（${of} 次中只有 ${right} 次正确）`,
    isHere: (name) => `${name}：都正确，但要能看到接收端的内核队列，只在本机做得到`,
    isCure: (name) => `${name}：两种情况下每条消息都完整`,
  },
  allHeld: (claims, seconds) => `${claims} 条结论全部成立，用时 ${seconds} 秒。`,
  notHeld: (held, claims) => `${claims} 条结论中只有 ${held} 条成立。`,
  next: [
    '用在你的程序里：  for await (const { header, body } of framed(socket, messages())) …',
    '为什么常见的“偏方”都治不好粘包：  npx tsx examples/sticky/cures.ts',
  ],
  failed: '演示无法继续',
};
