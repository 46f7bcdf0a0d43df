// The scene of devices: a fleet of trackers, two gateways, a NATS server, and a consumer that checks what arrives.
// One gateway is killed while a command is under way. With `--bus memory` there is one gateway and no NATS.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasNats, startNats } from '../support/nats.ts';
import type { Stage, StartedProgram } from '../support/stage.ts';
import { missingForGateways, startAlone, startGateway } from './gateways.ts';

const TRACKERS = 20;
/** The tracker whose reports are printed, and whose driver gets texts. It begins at gateway a. */
const PHONE = '013800000000';
const TEXT = '请回电';
/** Time in ms that a command has when its gateway dies. Nothing else ends the wait. */
const DYING_MS = 5000;
/** Time in ms that a command has otherwise, far more than it needs. */
const PATIENCE_MS = 30_000;

export async function play(stage: Stage): Promise<void> {
  const [flag, bus, ...more] = stage.args;
  if (flag !== undefined && (flag !== '--bus' || bus !== 'memory' || more.length > 0)) {
    throw new Error('The only argument is --bus memory.');
  }
  const missing = missingForGateways();
  if (missing !== undefined) {
    throw new Error(missing);
  }
  await (flag === undefined ? playNats(stage) : playAlone(stage));
}

async function playNats(stage: Stage): Promise<void> {
  if (!hasNats) {
    throw new Error(
      'There is no nats-server here: install it (apt install nats-server), or play without it: npm run example -- devices --bus memory',
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'unstick-devices-'));
  try {
    await playIn(stage, folder);
  } finally {
    await stage.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function playIn(stage: Stage, folder: string): Promise<void> {
  const { url: nats } = await startNats(stage, { store: folder });
  const settings = { port: 0, nats, folder };
  const a = await startGateway(stage, { ...settings, name: 'a' });
  const b = await startGateway(stage, { ...settings, name: 'b' });
  const consumer = stage.start('consumer.ts', ['--bus', nats]);
  await consumer.line('reading stream');
  const fleet = startFleet(stage, [a.port, b.port]);
  await fleet.line(`all ${TRACKERS} trackers are connected`);
  const command = (within: number): StartedProgram =>
    stage.start('command.ts', [
      '--bus',
      nats,
      '--phone',
      PHONE,
      '--text',
      TEXT,
      '--within',
      within,
    ]);

  stage.say('\nA command goes to the gateway that holds the tracker, and the driver confirms.');
  await driverConfirms(stage, fleet, command(PATIENCE_MS));

  stage.say('\nThe same again, but gateway a is killed with -9 before the driver has confirmed.');
  const dying = command(DYING_MS);
  await fleet.line(TEXT);
  a.gateway.child.kill('SIGKILL');
  const { stdout: outcome } = await dying.ended;
  stage.check(
    'the outcome is "unknown", because the driver may have read the text',
    outcome === 'unknown\n',
  );
  await haveMoved(fleet, TRACKERS / 2);
  stage.check('the trackers of gateway a are at gateway b', true);
  await driverConfirms(stage, fleet, command(PATIENCE_MS));

  stage.say('\nGateway a comes back, and gateway b is ended in order (SIGTERM).');
  await startGateway(stage, { ...settings, name: 'a', port: a.port });
  const { code } = await b.gateway.end();
  await haveMoved(fleet, TRACKERS);
  stage.check('gateway b has ended well, and all trackers are at gateway a', code === 0);

  stage.say('\nThe trackers park. What has the consumer?');
  const sent = await park(fleet);
  consumer.type('totals\n');
  consumer.endInput();
  await checkTotals(stage, consumer, sent);
}

/** Waits until so many trackers have lost their gateway and found another. They need not do it at once. */
async function haveMoved(fleet: StartedProgram, count: number): Promise<void> {
  for (let moved = 0; moved < count;) {
    const [, lost] = await fleet.line(/^(\d+) lost their gateway; all \d+ trackers are connected/);
    moved += Number(lost);
  }
}

function startFleet(stage: Stage, ports: readonly number[]): StartedProgram {
  return stage.start('fleet.ts', ['--ports', ports.join(','), '--trackers', TRACKERS]);
}

async function driverConfirms(
  stage: Stage,
  fleet: StartedProgram,
  command: StartedProgram,
): Promise<void> {
  await fleet.line(TEXT);
  fleet.type(`confirm ${PHONE}\n`);
  const { stdout } = await command.ended;
  stage.check('the answer of the tracker came back', stdout === 'answered\n', stdout);
}

/** Ends the journey of all trackers. Returns how many reports were acknowledged. */
async function park(fleet: StartedProgram): Promise<string> {
  fleet.type('end\n');
  const [, sent = ''] = await fleet.line(/^all (\d+) reports are acknowledged/);
  await fleet.ended;
  return sent;
}

async function checkTotals(stage: Stage, consumer: StartedProgram, sent: string): Promise<void> {
  const [line, arrived] = await consumer.line(/^(\d+) reports of \d+ trackers: .*/);
  stage.check('every report that was acknowledged has arrived', arrived === sent, line);
  stage.check(
    'each tracker is in order, and nothing is missing in between',
    line.includes(`of ${TRACKERS} trackers: 0 missing, 0 out of order`),
    line,
  );
}

/** One gateway with the bus in its process: no NATS, no second gateway, and so no command. */
async function playAlone(stage: Stage): Promise<void> {
  const { gateway, port } = await startAlone(stage);
  const consumer = stage.start('consumer.ts', ['--lines']);
  gateway.child.stdout?.on('data', (chunk: Buffer) => consumer.type(chunk));
  const fleet = startFleet(stage, [port]);
  await fleet.line(`all ${TRACKERS} trackers are connected`);
  await consumer.line(`${PHONE} is at`);
  await consumer.line(`${PHONE} is at`);
  stage.say('\nThe trackers park. What has the consumer?');
  const sent = await park(fleet);
  await gateway.end();
  consumer.endInput();
  await checkTotals(stage, consumer, sent);
}
