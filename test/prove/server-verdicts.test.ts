// One small server in this process for each rule of a verdict. The prover must find the fault of a server
// that cuts break. A server that is only slow, alternating, out of order or not pipelined must not be called
// broken by a cut.

import { setTimeout as sleep } from 'node:timers/promises';
import type net from 'node:net';
import { describe, expect, test } from 'vitest';
import { headline, renderReport } from '../../src/prove/evidence/report-text.ts';
import type { ServerReport } from '../../src/prove/evidence/report.ts';
import { proveServer } from '../../src/prove/server/prove-server.ts';
import type { ProveServerOptions } from '../../src/prove/server/options.ts';
import { describeOps } from '../../src/schedule/schedule.ts';
import { listen } from '../support/sockets-to-prove.ts';

const hello = Buffer.from('hello\n');
const you = Buffer.from('you\n');

async function prove(
  onSocket: (socket: net.Socket) => void,
  options: Partial<ProveServerOptions> = {},
): Promise<ServerReport> {
  const to = { host: '127.0.0.1', port: await listen(onSocket) };
  return proveServer({ to, send: hello, runs: 14, seed: 1, patience: 400, ...options });
}

/** Calls `onLine` with each line, however it was cut. */
function onLines(socket: net.Socket, onLine: (line: string) => void): void {
  let pending = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    const lines = `${pending}${text}`.split('\n');
    pending = lines.pop() ?? '';
    lines.forEach(onLine);
  });
}

const echo = (socket: net.Socket): void =>
  onLines(socket, (line) => void socket.write(`<${line}>\n`));

describe('SAFE', () => {
  test('shows the answer that it rests on, and what was tried', async () => {
    const shown = renderReport(await prove(echo, { send: [hello, you] }));
    expect(shown).toMatch(/^SAFE after \d+ cut schedules\n/);
    expect(shown).toContain('answer to the whole requests: 14 bytes, connection open');
    expect(shown).toContain('requests joined in one piece');
    expect(shown).toContain('a request above 64 KiB in one write');
  });

  test('is said of a server that is slow when it has half a request', async () => {
    const report = await prove(
      (socket) => {
        let pending = '';
        socket.setEncoding('latin1').on('data', (text: string) => {
          const isHalf = !text.endsWith('\n');
          pending += text;
          if (isHalf) {
            socket.pause();
            void sleep(450).then(() => socket.resume());
            return;
          }
          socket.write(pending);
          pending = '';
        });
      },
      { runs: 3, patience: 1500 },
    );
    expect(headline(report)).toMatch(/^SAFE/);
    expect(report.warnings.join()).toMatch(/up to \d+ ms later when requests were cut/);
  });

  test('is not said where no schedule cut a request', async () => {
    const joined = await prove(echo, { send: [hello, you], runs: 1, time: 1 });
    expect(joined.verdict).not.toBe('BROKEN');
    expect(joined.evidence.exact).toBeLessThanOrEqual(1);
  });

  test('warns when the server ends the connection before the last request', async () => {
    const report = await prove((socket) => socket.end('500 OOPS: no such user\r\n'), {
      send: [hello, you],
    });
    expect(report.verdict).not.toBe('BROKEN');
    expect(report.warnings.join()).toContain('looks like an error');
  });
});

describe('BROKEN', () => {
  test('is a cut with a pause, where the server drops what does not come at once', async () => {
    const report = await prove((socket) => {
      let pending = '';
      let timer: NodeJS.Timeout | undefined;
      socket.setEncoding('latin1').on('data', (text: string) => {
        clearTimeout(timer);
        pending += text;
        timer = setTimeout(() => (pending = ''), 50);
        if (pending.endsWith('\n')) {
          socket.write(pending);
          pending = '';
        }
      });
    });
    expect(headline(report)).toMatch(/^BROKEN by this schedule: cut \d, delay 60/);
    expect(report.failure?.confirmations).toBe(3);
  });

  test('is the second round of a server that is right once', async () => {
    const report = await prove(
      (socket) => {
        let pending = '';
        let isFirst = true;
        socket.setEncoding('latin1').on('data', (text: string) => {
          pending += text;
          const end = pending.indexOf('\n') + 1;
          if (isFirst && end > 0) {
            socket.write(pending.slice(0, end));
            pending = pending.slice(end);
          }
          isFirst &&= end === 0;
          // From the second request on, the server takes whatever has come for a request.
          if (!isFirst && pending !== '') {
            socket.write(pending.endsWith('\n') ? pending : '?');
            pending = '';
          }
        });
      },
      { runs: 60 },
    );
    expect(report.verdict).toBe('BROKEN');
    expect(report.failure?.sending.repeat).toBeGreaterThan(1);
  });

  test('is a buffer that connections share', async () => {
    let shared = '';
    const report = await prove(
      (socket) => {
        socket.setEncoding('latin1').on('data', (text: string) => {
          shared += text;
          const lines = shared.split('\n');
          shared = lines.pop() ?? '';
          for (const line of lines) {
            socket.write(`<${line}>\n`);
          }
        });
      },
      { runs: 40 },
    );
    expect(report.verdict).toBe('BROKEN');
    expect(report.failure?.kind).toBe('connections');
    expect(report.failure?.sending.connections).toBeGreaterThan(1);
  });

  test('is confirmed when the wrong bytes differ, and two are shown', async () => {
    let count = 0;
    const report = await prove((socket) => {
      socket.on('data', (chunk) => socket.write(chunk.length < 6 ? `?${(count += 1)}` : chunk));
    });
    expect(report.verdict).toBe('BROKEN');
    expect(renderReport(report)).toContain('here are two');
  });
});

const first = (lines: string[]) => lines.slice(0, 1);
const firstAndQuit = (lines: string[]) =>
  lines.includes('QUIT') ? [...first(lines), 'QUIT'] : lines;

describe('BROKEN is a request that is lost when it comes joined with the one that ends the connection', () => {
  const send = [hello, you, Buffer.from('QUIT\n')];

  test.each([
    ['a request in the middle', '<bye>\n', firstAndQuit, 'bytes'],
    ['the last one, which has no answer', '', first, 'open'],
  ])('%s', async (_, goodbye, kept, kind) => {
    const report = await prove(
      (socket) => {
        let pending = '';
        socket.setEncoding('latin1').on('data', (text: string) => {
          const lines = `${pending}${text}`.split('\n');
          pending = lines.pop() ?? '';
          for (const line of lines.length > 1 ? kept(lines) : lines) {
            if (line === 'QUIT') {
              socket.end(goodbye);
              return;
            }
            socket.write(`<${line}>\n`);
          }
        });
      },
      { send, runs: 24 },
    );
    expect(headline(report)).toMatch(/^BROKEN/);
    expect(report.failure?.difference.kind).toBe(kind);
  });
});

describe('no verdict', () => {
  test('where answers carry a nonce, and shows two of them', async () => {
    let count = 0;
    const report = await prove((socket) =>
      onLines(socket, (line) => void socket.write(`id=${(count += 1)} ${line}\n`)),
    );
    expect(headline(report)).toContain('not deterministic');
    expect(renderReport(report)).toContain('from byte 3 on they differ');
  });

  test('where answers to requests sent together come in changing order', async () => {
    let isReversed = false;
    const report = await prove(
      (socket) => {
        let waiting: string[] = [];
        onLines(socket, (line) => {
          waiting.push(line);
          if (waiting.length > 1) {
            return;
          }
          setTimeout(() => {
            isReversed = waiting.length > 1 && !isReversed;
            const answers = isReversed ? waiting.toReversed() : waiting;
            waiting = [];
            if (!socket.destroyed) {
              socket.write(answers.map((each) => `<${each}>\n`).join(''));
            }
          }, 30);
        });
      },
      { send: [hello, you], runs: 4 },
    );
    expect(headline(report)).toContain('lock-step is needed: the answers');
  });

  test('where joined requests are refused: lock-step is needed', async () => {
    const report = await prove(
      (socket) => {
        let pending = '';
        socket.setEncoding('latin1').on('data', (text: string) => {
          const isJoined = text.slice(0, -1).includes('\n');
          pending += text;
          const lines = pending.split('\n');
          pending = lines.pop() ?? '';
          for (const line of isJoined ? lines.slice(0, 1) : lines) {
            socket.write(`<${line}>\n`);
          }
          if (isJoined) {
            socket.end('too early\n');
          }
        });
      },
      { send: [hello, you], runs: 16 },
    );
    expect(headline(report)).toContain('lock-step is needed: the server ends the connection');
    expect(describeOps(report.failure?.schedule.ops ?? [])).toBe('hold 10');
  });

  test('where workers take turns and one of them goes wrong', async () => {
    let connections = 0;
    const report = await prove((socket) => {
      const isWrong = (connections += 1) > 4 && connections % 2 === 0;
      onLines(socket, (line) => void socket.write(isWrong ? 'no\n' : `<${line}>\n`));
    });
    expect(report.verdict).toBe('INCONCLUSIVE');
  });

  test('where the greeting varies, before a byte was read', async () => {
    let connections = 0;
    const report = await prove((socket) => {
      socket.write((connections += 1) > 6 ? '* OK later\n' : '* OK hello\n');
      echo(socket);
    });
    expect(headline(report)).toContain('does not always greet in the same way');
  });

  test('where the answer changes with time for good', async () => {
    let connections = 0;
    const report = await prove((socket) => {
      const isWarm = (connections += 1) > 8;
      onLines(socket, (line) => void socket.write(isWarm ? `<${line}>\n` : '503 starting\n'));
    });
    expect(headline(report)).toContain('no longer answers the whole requests as it did at first');
  });

  test('where an expression backtracks for ever', async () => {
    const report = await prove(
      (socket) => socket.on('data', () => socket.write(`${'a'.repeat(40)}b`)),
      {
        normalize: /(a+)+$/,
      },
    );
    expect(headline(report)).toContain('--normalize took longer than 1 s');
  });
});

describe('lock-step', () => {
  test('proves a server that refuses requests before it has answered', async () => {
    const report = await prove(
      (socket) => {
        let isBusy = false;
        onLines(socket, (line) => {
          if (isBusy) {
            socket.end('too early\n');
            return;
          }
          isBusy = true;
          setTimeout(() => {
            isBusy = false;
            socket.write(`<${line}>\n`);
          }, 5);
        });
      },
      { send: [hello, you], lockstep: true, runs: 10 },
    );
    // On a busy machine the boundaries of a schedule may be lost. Such a schedule does not count.
    expect(headline(report)).toMatch(/^SAFE after ([5-9]|10) cut schedules/);
  });
});

describe('jobs', () => {
  test('play schedules side by side, with the same verdicts', async () => {
    const options = { send: [hello, you], runs: 24, jobs: 6 };
    expect(headline(await prove(echo, options))).toMatch(/^SAFE/);
    const broken = await prove(
      (socket) => socket.on('data', (chunk) => socket.write(chunk.length === 1 ? '?' : chunk)),
      options,
    );
    expect(headline(broken)).toMatch(/^BROKEN by this schedule: cut 1/);
  });
});

/** Answers lines. It keeps only 4096 bytes of those that come at once. */
const forgetful = (socket: net.Socket): void => {
  let rest = '';
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.subarray(0, 4096).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    socket.write(lines.map((line) => `${line}!\n`).join(''));
  });
};

describe('tiny requests, in bytes enough to fill a buffer', () => {
  const tiny = { send: Buffer.from('a\n'), runs: 60, patience: 700 };

  test('are lost behind it: BROKEN, and the schedule can be replayed', async () => {
    const report = await prove(forgetful, tiny);
    expect(headline(report)).toMatch(/^BROKEN by this schedule: hold \d+$/);
    expect(report.failure?.kind).toBe('deep');
    const { schedule, sending } = report.failure ?? {};
    const again = await prove(forgetful, { ...tiny, replay: schedule, repeat: sending?.repeat });
    expect(headline(again)).toBe(headline(report));
  });

  test('are refused by a server that ends the connection: SAFE with a warning', async () => {
    const report = await prove((socket) => {
      socket.on('data', (chunk) => void (chunk.length > 4096 && socket.end('flood\n')));
      onLines(socket, (line) => void (socket.writable && socket.write(`${line}!\n`)));
    }, tiny);
    expect(headline(report)).toMatch(/^SAFE/);
    expect(report.warnings.join()).toMatch(/ends the connection when the requests come \d+ times/);
    const reasons = report.tried.map(({ kind, because }) => `${kind}: ${because ?? ''}`);
    expect(reasons.join()).toContain('deep: the server ends the connection when so many');
  });

  test('are not tried with a slow server, and SAFE says so', async () => {
    let queue = Promise.resolve();
    const report = await prove(
      (socket) =>
        onLines(socket, (line) => {
          queue = queue.then(() => sleep(40)).then(() => void socket.write(`${line}!\n`));
        }),
      { ...tiny, runs: 30, time: 5000 },
    );
    expect(headline(report)).toMatch(/^SAFE/);
    const reasons = report.tried.map(({ kind, because }) => `${kind}: ${because ?? ''}`);
    expect(reasons.join()).toContain('deep: the server takes too long for so many requests');
  });
});
