// Reads the word for a device: `jtt808`, `certificate`, `address`, or a JavaScript file that exports the
// functions of DeviceProtocol.

import { pathToFileURL } from 'node:url';
import { addressName, certificateName } from '../devices/by-connection.ts';
import { jtt808 } from '../devices/jtt808.ts';
import type { DeviceProtocol } from '../options.ts';
import { isPath, SettingsError } from './settings.ts';

/** A protocol whose types of frames are known only when the command runs. */
export type AnyProtocol = DeviceProtocol<unknown, unknown>;

const FUNCTIONS = [
  'identify',
  'acknowledge',
  'messageId',
  'body',
  'toDevice',
  'answers',
] as const satisfies readonly (keyof AnyProtocol)[];

/** Returns the protocol that the word stands for. Importing a file runs it. Rejects with SettingsError. */
export async function deviceOf(word: string | undefined, frames: string): Promise<AnyProtocol> {
  switch (word ?? (frames === 'jtt808' ? frames : 'address')) {
    case 'jtt808':
      if (frames !== 'jtt808') {
        throw new SettingsError(`Devices of jtt808 need the frames jtt808; they are ${frames}.`);
      }
      // The cast is safe: frames of this format are bytes in both directions.
      return jtt808 as unknown as AnyProtocol;
    case 'certificate':
      return { identify: (_frame, connection) => certificateName(connection) };
    case 'address':
      return { identify: (_frame, connection) => addressName(connection) };
    default:
      return importDevice(word ?? '');
  }
}

async function importDevice(path: string): Promise<AnyProtocol> {
  if (!isPath(path)) {
    const words = 'jtt808, certificate, address, or a path such as ./device.js';
    throw new SettingsError(`device must be ${words}; it is ${JSON.stringify(path)}.`);
  }
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`${path} cannot be imported: ${reason}`, { cause: error });
  }
  if (typeof module['identify'] !== 'function') {
    throw new SettingsError(`${path} exports no function identify.`);
  }
  const given = FUNCTIONS.flatMap((name) => {
    const value = module[name];
    return typeof value === 'function' ? [[name, value]] : [];
  });
  return Object.fromEntries(given);
}
