// The login on the client. It connects, proves that the user knows the password, and checks that the server
// knows it as well (see both/scram.ts and server/gate.ts).

import type { Duplex } from 'node:stream';
import { connect } from '../../../src/entries/peer.ts';
import type { Peer } from '../../../src/entries/peer.ts';
import { framed, messages } from '../../../src/entries/main.ts';
import { quoted } from '../../support/shown.ts';
import { bindingOf } from '../both/binding.ts';
import { Refusal } from '../both/refusal.ts';
import { deriveKeys, isSignature, nonce, proofOf } from '../both/scram.ts';
import type { Transcript } from '../both/scram.ts';
import { countOf, fieldsOf, textOf, WINDOW } from '../both/wire.ts';
import type { Fields } from '../both/wire.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
  /** Set for TLS: `ca` is the certificate to trust, by default those of the system. Without it, no TLS. */
  readonly tls?: { readonly ca?: Buffer } | undefined;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const STEP_MS = 10_000;

export async function login(server: Server, credentials: Credentials): Promise<Peer> {
  const { host, port, tls } = server;
  return await connect(
    { host, port, ...(tls === undefined ? {} : { tls }) },
    { window: WINDOW, admit: (duplex) => prove(duplex, credentials) },
  );
}

async function prove(duplex: Duplex, { user, password }: Credentials): Promise<Duplex> {
  const server = framed(duplex, messages({ maxHeaderLength: 2048, maxBodyLength: 0 }));
  const receive = async (): Promise<Fields> => {
    const message = await server.receive({ timeout: STEP_MS });
    if (message === undefined) {
      throw new Refusal(
        'E_LOGIN',
        'The server ended the connection during the login. Does it need --tls?',
      );
    }
    const fields = fieldsOf(message.header);
    if (fields['refused'] === undefined) {
      return fields;
    }
    const code = textOf(fields, 'refused') === 'E_LOCKED' ? 'E_LOCKED' : 'E_LOGIN';
    // The server has not proven itself yet, so mark its text as a quotation.
    throw new Refusal(code, `The server says ${quoted(textOf(fields, 'message'))}`);
  };
  const binding = bindingOf(duplex);
  const clientNonce = nonce();
  await server.send({ header: { user, nonce: clientNonce } });
  const question = await receive();
  const cost = fieldsOf(question['cost']);
  const transcript: Transcript = {
    user,
    clientNonce,
    serverNonce: textOf(question, 'nonce'),
    salt: textOf(question, 'salt'),
    cost: { n: countOf(cost, 'n'), r: countOf(cost, 'r'), p: countOf(cost, 'p') },
    binding,
  };
  const salt = Buffer.from(transcript.salt, 'base64');
  const { clientKey, serverKey } = await deriveKeys(password, salt, transcript.cost);
  await server.send({ header: { proof: proofOf(clientKey, transcript).toString('base64') } });
  const signature = Buffer.from(textOf(await receive(), 'signature'), 'base64');
  if (!isSignature(signature, serverKey, transcript)) {
    throw new Refusal(
      'E_LOGIN',
      'The server does not know your password, so it is not the server that has your account.',
    );
  }
  return server.release();
}
