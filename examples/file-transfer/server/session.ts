// One client that has logged in: its current directory, and the requests that it may send. Every handler
// answers with a result or with a refusal, which is logged. The library hides the text of any other error
// from the client.

import { RemoteError, reply } from '../../../src/entries/peer.ts';
import type { Json, Peer } from '../../../src/entries/peer.ts';
import { quoted } from '../../support/shown.ts';
import { Refusal } from '../both/refusal.ts';
import { countOf, fieldsOf, flagOf, looksOf, textOf, unfinishedOf } from '../both/wire.ts';
import type { Fields, QuotaAnswer } from '../both/wire.ts';
import type { Account } from './accounts.ts';
import { Download } from './download.ts';
import { resolveSteps, showSteps } from './home.ts';
import type { Held, Steps } from './home.ts';
import { Transfers } from './transfers.ts';
import type { TransfersOptions } from './transfers.ts';
import { Upload } from './upload.ts';

type Handler = (fields: Fields, signal: AbortSignal) => Promise<unknown>;

export class Session {
  readonly #peer: Peer;
  readonly #account: Account;
  readonly #transfers: Transfers;
  readonly #log: (line: string) => void;
  #cwd: Steps = [];

  constructor(peer: Peer, account: Account, options: TransfersOptions) {
    this.#peer = peer;
    this.#account = account;
    this.#log = options.log;
    this.#transfers = new Transfers(peer, options);
    this.#places();
    this.#files();
    this.#moves();
  }

  /** Handles the requests pwd, cd and mkdir. */
  #places(): void {
    this.#handle('pwd', async () => ({ path: showSteps(this.#cwd) }));
    this.#handle('cd', async (fields) => {
      const steps = await this.#steps(fields);
      await this.#account.home.enter(steps);
      this.#cwd = steps;
      return { path: showSteps(steps) };
    });
    this.#handle('mkdir', async (fields) => {
      const steps = await this.#steps(fields);
      const { home, quota } = this.#account;
      await this.#account.alone(async () => {
        quota.checkEntries();
        await home.makeDirectory(steps);
        quota.addEntry();
      });
      return { path: showSteps(steps) };
    });
  }

  /** Handles the requests about existing entries, the quota and unfinished uploads. */
  #files(): void {
    const { home, quota } = this.#account;
    const free = ({ bytes, entries }: Held): void => {
      quota.free(bytes);
      quota.freeEntries(entries);
    };
    this.#handle('ls', async (fields) => {
      const after = fields['after'] === undefined ? '' : textOf(fields, 'after');
      const { entries, isMore } = await home.list(await this.#steps(fields), after);
      return reply({ isMore }, JSON.stringify(entries));
    });
    this.#handle('stat', async (fields) => ({ ...(await home.stat(await this.#steps(fields))) }));
    this.#handle('rm', async (fields) => {
      const steps = await this.#steps(fields);
      await this.#account.alone(async () => {
        if (flagOf(fields, 'recursive')) {
          await home.removeAll(steps, free);
        } else {
          free(await home.remove(steps));
        }
      });
      this.#log(`rm ${showSteps(steps)}`);
      return { path: showSteps(steps) };
    });
    this.#handle('mv', async (fields) => {
      const [steps, to] = [await this.#steps(fields), await this.#steps(fields, 'to')];
      const target = await this.#account.alone(() => home.move(steps, to));
      this.#log(`mv ${showSteps(steps)} ${showSteps(target)}`);
      return { path: showSteps(target) };
    });
    this.#handle('quota', async () => {
      const unfinished = await this.#account.unfinishedBytes();
      const { limit, used, reserved } = quota;
      return { limit, used, reserved, unfinished } satisfies QuotaAnswer;
    });
    this.#handle('discard', async () => ({ freed: await this.#account.discardUnfinished() }));
  }

  /** Handles transfers: see both/wire.ts. */
  #moves(): void {
    this.#handle('get', async (fields, signal) => {
      const download = await Download.prepare(this.#account, {
        steps: await this.#steps(fields),
        have: countOf(fields, 'have'),
        sha256: textOf(fields, 'sha256'),
        md5: flagOf(fields, 'md5'),
      });
      return await this.#transfers.begin(download, signal);
    });
    this.#handle('put', async (fields, signal) => {
      const upload = await Upload.prepare(this.#account, {
        steps: await this.#steps(fields),
        size: countOf(fields, 'size'),
        overwrite: flagOf(fields, 'overwrite'),
        unfinished: unfinishedOf(fields),
        md5: flagOf(fields, 'md5'),
        looks: looksOf(fields),
      });
      return await this.#transfers.begin(upload, signal);
    });
    this.#peer.handleChannel('bytes', async (channel, params) => {
      const fields = fieldsOf(params);
      await this.#transfers.run(channel, countOf(fields, 'ticket'), countOf(fields, 'from'));
    });
    this.#handle('finish', async (fields) => {
      const sha256 = fields['sha256'] === undefined ? undefined : textOf(fields, 'sha256');
      return await this.#transfers.finish(countOf(fields, 'ticket'), sha256);
    });
  }

  /** The path in the request (by default the current directory), spelt as on the disk. */
  #steps(fields: Fields, key = 'path'): Promise<Steps> {
    const path = fields[key] === undefined ? '.' : textOf(fields, key);
    return this.#account.home.spelt(resolveSteps(this.#cwd, path));
  }

  #handle(name: string, handler: Handler): void {
    this.#peer.handle(name, async (params: Json, { signal }) => {
      try {
        return await handler(fieldsOf(params), signal);
      } catch (error) {
        if (!(error instanceof Refusal)) {
          throw error;
        }
        this.#log(`${name} ${pathOf(params)} refused: ${quoted(error.message)} [${error.code}]`);
        throw new RemoteError(error.code, error.message, { details: error.details });
      }
    });
  }
}

/** The path in a request, quoted for the log. */
function pathOf(params: Json): string {
  const { path } = { path: '', ...Object(params) } as Fields;
  return quoted(String(path));
}
