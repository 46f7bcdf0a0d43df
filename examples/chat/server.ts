// The chat server as a program.
//
//   npx tsx examples/chat/server.ts --port 9000
//   npx tsx examples/chat/server.ts --port 9001 --name a --bus nats://127.0.0.1:4222

import { randomBytes } from 'node:crypto';
import { Complaint, portOf, readArgs, runProgram, untilAskedToEnd } from '../support/program.ts';
import { LocalHub, NameInUse } from './bus/bus.ts';
import type { Bus } from './bus/bus.ts';
import { BusTrouble, NatsBus } from './bus/nats.ts';
import { defaultLimits } from './core/limits.ts';
import type { Limits } from './core/limits.ts';
import { isServerName } from './core/names.ts';
import { ChatServer } from './shell/chat-server.ts';

const WRONG_ARGUMENTS = 2;

function limitsOf(given: readonly string[]): Limits {
  const limits = { ...defaultLimits };
  for (const one of given) {
    const [, name = '', number = ''] = /^(\w+)=(\d{1,9})$/.exec(one) ?? [];
    if (!isLimit(name)) {
      const names = Object.keys(defaultLimits).join(', ');
      throw new Complaint(
        `--limit ${one} is not NAME=NUMBER, where NAME is one of ${names}.`,
        WRONG_ARGUMENTS,
      );
    }
    limits[name] = Number(number);
  }
  return limits;
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(defaultLimits, name);
}

function busOf(url: string | undefined): Bus {
  if (url === undefined) {
    return new LocalHub().bus();
  }
  if (url.startsWith('nats://')) {
    return new NatsBus(url);
  }
  throw new Complaint(`--bus ${url} is not known; write nats://HOST:PORT.`, WRONG_ARGUMENTS);
}

/** The given name, or a random one: on a bus no two servers may have the same name. */
function nameOf(given: string | undefined): string {
  const name = given ?? `s${randomBytes(3).toString('hex')}`;
  if (isServerName(name)) {
    return name;
  }
  throw new Complaint(
    `--name ${name} is not possible: use 1 to 20 characters out of a to z, digits and "-".`,
    WRONG_ARGUMENTS,
  );
}

interface Arguments {
  readonly port: string;
  readonly host: string;
  readonly name?: string | undefined;
  readonly bus?: string | undefined;
  readonly limit: readonly string[];
}

function readArguments(): Arguments {
  const { values } = readArgs('A chat server.', {
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      name: { type: 'string' },
      bus: { type: 'string' },
      /** `--limit maxUsers=100`, as often as needed. core/limits.ts has the names of all limits. */
      limit: { type: 'string', multiple: true, default: [] },
    },
  });
  return values;
}

async function start(values: Arguments): Promise<ChatServer> {
  const { host, limit, bus } = values;
  const name = nameOf(values.name);
  const settings = {
    port: portOf(values.port),
    host,
    name,
    limits: limitsOf(limit),
    bus: busOf(bus),
  };
  try {
    return await ChatServer.start(settings);
  } catch (error) {
    if (error instanceof BusTrouble || error instanceof NameInUse) {
      throw new Complaint(error.message);
    }
    throw error;
  }
}

await runProgram(async () => {
  const values = readArguments();
  const server = await start(values);
  console.log(`listening on ${values.host}:${server.port}`);
  await untilAskedToEnd();
  await server.close();
});
