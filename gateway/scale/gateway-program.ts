// A gateway of the measurement as a process: its memory, its processor time, and the share of framing in it.

import { framing } from 'unstick/formats';
import { gateway, jtt808, memory } from '../src/index.ts';
import { jetStream } from '../src/jetstream/index.ts';
import { answerQuestions } from './child.ts';

export interface GatewayProgramOptions {
  readonly host: string;
  /** URL of a NATS server. Without one the bus is in the process. */
  readonly nats?: string;
  /** Time in ms for which a claim counts. The default of the bus would be renewed while we measure. */
  readonly timeToLive: number;
  /** Whether chunks are recorded, for `replay`. */
  readonly records?: boolean;
}

/** What a gateway process tells of itself. */
export interface GatewayState {
  readonly devices: number;
  /** Resident memory in bytes. */
  readonly resident: number;
  /** Memory of objects and buffers in bytes, after a collection. */
  readonly held: number;
  /** Processor time in ms since the start. */
  readonly busy: number;
  readonly stored: number;
}

/** The cast: the only program that starts this file passes this. */
const options = JSON.parse(process.argv[2] ?? '{}') as GatewayProgramOptions;

const inner = framing('jtt808');

/** Chunks that the decoders were given. Each list is one connection. */
const recorded: Uint8Array[][] = [];

/** The codec, with decoders that remember the chunks which they are given. */
function recording(codec: typeof inner): typeof inner {
  return { ...codec, decoder: (given) => remembering(codec.decoder(given)) };
}

function remembering(decoder: ReturnType<typeof inner.decoder>): typeof decoder {
  const chunks: Uint8Array[] = [];
  recorded.push(chunks);
  const push = decoder.push.bind(decoder);
  decoder.push = (chunk) => {
    chunks.push(new Uint8Array(chunk));
    push(chunk);
  };
  return decoder;
}

const bus =
  options.nats === undefined
    ? memory()
    : jetStream({ servers: options.nats, timeToLive: options.timeToLive });
const devices = gateway({
  codec: options.records === true ? recording(inner) : inner,
  bus,
  ...jtt808,
  listen: { host: options.host },
  maxConnections: Infinity,
});

function busy(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function collected(): Promise<NodeJS.MemoryUsage> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    // Memory that was freed goes back to the system after a while.
    await new Promise((done) => setTimeout(done, 100));
  }
  return process.memoryUsage();
}

async function state(): Promise<GatewayState> {
  const { rss, heapUsed, external } = await collected();
  return {
    devices: devices.gauges.devices,
    resident: rss,
    held: heapUsed + external,
    busy: busy(),
    stored: devices.count('framesStored'),
  };
}

/**
 * Decodes what was recorded once more, chunk by chunk as it came, and returns the processor time in ms that it
 * takes. A decoder starts cold, as that of a connection does.
 */
function replay(): number {
  const before = busy();
  for (const chunks of recorded) {
    const decoder = inner.decoder();
    for (const chunk of chunks) {
      decoder.push(chunk);
      while (decoder.take() !== undefined) {
        // Only the time of decoding counts.
      }
    }
  }
  return busy() - before;
}

answerQuestions({
  port: async () => {
    await devices.ready;
    return devices.port;
  },
  state,
  busy,
  replay,
});
