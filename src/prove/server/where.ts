// Says where the program under test is: checks the options for that, and makes one value of `Where` of them.
// running-server.ts makes the target.

import { isBytes } from '../../codec/bytes.ts';
import type { ConnectionOptions } from 'node:tls';
import { parseAddress } from '../../deliver/address.ts';
import type { Address } from '../../deliver/address.ts';
import { checkNames, flag, refuse, refuseValue } from '../../options.ts';
import { checkClientTls } from '../../tls-client.ts';
import type { OptionNames } from '../../options.ts';
import type { Speaker } from '../dialogue/dialogue.ts';
import type { Subject } from '../evidence/report.ts';

/** Options of TLS to the program under test. */
export interface TlsReach {
  /**
   * Certificates in PEM, one of which must have signed the certificate of the server. Default: the
   * certificates that Node trusts.
   */
  readonly ca?: string | Uint8Array | undefined;
  /**
   * Certificate of the client in PEM, for servers that ask for one. Throws ERR_OPTION without `key`. Default:
   * none.
   */
  readonly cert?: string | Uint8Array | undefined;
  /** Key of `cert` in PEM. Throws ERR_OPTION without `cert`. Default: none. */
  readonly key?: string | Uint8Array | undefined;
  /**
   * Name or address that the server's certificate must have. Default: the host, or 'localhost' for a path.
   */
  readonly servername?: string | undefined;
  /** Whether to accept any certificate. Default false. */
  readonly insecure?: boolean | undefined;
}

/** A way to the program under test. */
export type Where =
  | { readonly kind: 'tcp'; readonly address: Address; readonly tls: ConnectionOptions | undefined }
  | { readonly kind: 'unix'; readonly path: string; readonly tls: ConnectionOptions | undefined }
  /** The program reads requests from its standard input and answers on its standard output. */
  | { readonly kind: 'stdio'; readonly command: string }
  /** The program is a client. It connects to the port whose number replaces `{port}` in the command. */
  | { readonly kind: 'client'; readonly command: string };

/**
 * Options that say where the program under test is. Exactly one of `to`, `stdio` and `client` is required;
 * any other number throws ERR_OPTION.
 */
export interface WhereOptions {
  /**
   * Address of the server: 'host:port', ':port' (127.0.0.1), '[::1]:port', `{ host, port }`, or 'unix:PATH'.
   * Required without `stdio` and `client`.
   */
  readonly to?: string | Address | undefined;
  /**
   * Whether to use TLS to the address in `to`, or the options of TLS. `true` takes the defaults of all these
   * options. Throws ERR_OPTION with `stdio` or `client`. Default false.
   */
  readonly tls?: boolean | TlsReach | undefined;
  /**
   * Shell command, instead of `to`, that reads requests from its standard input and answers on its standard
   * output. Each connection is a new process. Default: none, and the prover connects to `to`.
   */
  readonly stdio?: string | undefined;
  /**
   * Shell command, instead of `to`, that starts a client. It must contain `{port}`, for the port to which the
   * client connects, and needs a `dialogue`; otherwise it throws ERR_OPTION. Default: none, and the prover
   * connects to `to`.
   */
  readonly client?: string | undefined;
}

const UNIX = 'unix:';
const PORT = '{port}';

const TLS_NAMES = {
  ca: true,
  cert: true,
  key: true,
  servername: true,
  insecure: true,
} satisfies OptionNames<TlsReach>;

/** Checks the options that say where the program is. Throws UsageError ERR_OPTION. */
export function resolveWhere({ to, tls, stdio, client }: WhereOptions): Where {
  const given = Object.entries({ to, stdio, client }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    const names = given.map(([name]) => name).join(' and ');
    refuse(
      given.length === 0 ? 'The target is missing.' : `The target is given twice: ${names}.`,
      'Give one of to, stdio, client.',
    );
  }
  const reach = resolveTls(tls);
  if (to === undefined) {
    if (reach !== undefined) {
      refuse('tls is for sockets.', 'Leave it out with stdio and client.');
    }
    return stdio === undefined
      ? { kind: 'client', command: clientCommand(client) }
      : { kind: 'stdio', command: commandOf('stdio', stdio) };
  }
  if (typeof to === 'string' && to.startsWith(UNIX)) {
    const path = to.slice(UNIX.length);
    return path === ''
      ? refuseValue('to', { what: 'unix:PATH', hint: 'The path is missing.' }, to)
      : { kind: 'unix', path, tls: reach };
  }
  return { kind: 'tcp', address: parseAddress('to', to, 1), tls: reach };
}

/** Returns the options for `tls.connect`, or `undefined` without TLS. */
function resolveTls(given: WhereOptions['tls']): ConnectionOptions | undefined {
  if (given === undefined || typeof given === 'boolean') {
    return given === true ? {} : undefined;
  }
  checkNames('tls', given, TLS_NAMES);
  const { ca, cert, key, servername } = given;
  const insecure = flag('tls.insecure', given.insecure, false);
  if ((cert === undefined) !== (key === undefined)) {
    refuse('tls.cert and tls.key belong together.', 'Give both, or none.');
  }
  if (servername !== undefined && (typeof servername !== 'string' || servername === '')) {
    refuseValue('tls.servername', 'a name or an address', servername);
  }
  const pem = {
    ...(ca === undefined ? {} : { ca: pemOf(ca) }),
    ...(cert === undefined || key === undefined ? {} : { cert: pemOf(cert), key: pemOf(key) }),
  };
  checkClientTls(pem);
  return {
    ...pem,
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized: !insecure,
  };
}

function pemOf(given: string | Uint8Array): string | Buffer {
  return isBytes(given) ? Buffer.from(given) : given;
}

function commandOf(name: string, command: string): string {
  return typeof command === 'string' && command.trim() !== ''
    ? command
    : refuseValue(name, 'a shell command', command);
}

function clientCommand(command = ''): string {
  if (!commandOf('client', command).includes(PORT)) {
    refuse(`client has no ${PORT}.`, `The prover listens; write ${PORT} where the port belongs.`);
  }
  return command;
}

/** Returns what reports call the program: a server, a client or a program. */
export function subjectOf({ kind }: Where): Subject {
  return kind === 'client' ? 'client' : kind === 'stdio' ? 'program' : 'server';
}

/** Returns the side that the prover plays. It is the side that is not under test. */
export function speakerFor({ kind }: Where): Speaker {
  return kind === 'client' ? 'server' : 'client';
}

/** Returns the command of a client with the port in the place of `{port}`. */
export function withPort(command: string, port: number): string {
  return command.replaceAll(PORT, String(port));
}
