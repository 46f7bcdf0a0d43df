// npm run demo shows what TCP does to messages, in three scenes between real processes, and checks each
// claim. `--lang zh` shows it in Chinese. `--web` shows the messages of scene 3 on a page instead, until Ctrl-C. The
// exit code is 0 only if every claim was made and held.

import { almostScene } from './almost/scene.ts';
import { naiveScene } from './naive/scene.ts';
import { pageScene } from './page/scene.ts';
import { Claims } from '../support/claims.ts';
import { paint } from '../support/ink.ts';
import { reasonOf, shownLines } from '../support/shown.ts';
import { conduct } from '../support/processes.ts';
import { readArgs, runProgram, untilAskedToEnd } from '../support/program.ts';
import { Stage } from './stage/stage.ts';
import { chooseWords } from './stage/choose-words.ts';
import { wholeScene } from './whole/scene.ts';

/** Number of claims: two of scene 1, four of scene 2, five of scene 3. */
const CLAIMS = 11;
/** Number of claims about the page. */
const PAGE_CLAIMS = 3;
const MAX_WIDTH = 100;
const MIN_WIDTH = 80;

const startedAt = performance.now();
const { words, web } = await runProgram(() => {
  const { values } = readArgs('Messages that stick together on TCP, and what helps.', {
    options: { lang: { type: 'string' }, web: { type: 'boolean' } },
  });
  return { words: chooseWords(values.lang, process.env), web: values.web === true };
});
const print = (line = ''): void => console.log(line);
const claims = new Claims(web ? PAGE_CLAIMS : CLAIMS, print);
const columns = process.stdout.columns ?? MAX_WIDTH;
const width = Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, columns));
const stage = new Stage({ words, claims, width, print });

if (web) {
  await runProgram(() => pageScene(stage, untilAskedToEnd()));
} else {
  await playScenes();
}
process.exitCode = claims.exitCode;

async function playScenes(): Promise<void> {
  try {
    print(paint('bold', words.headline));
    for (const line of words.intro) {
      print(paint('dim', line));
    }
    await conduct(async () => {
      await naiveScene(stage);
      await almostScene(stage);
      await wholeScene(stage);
    });
  } catch (error) {
    print(`${paint('red', words.failed)}: ${shownLines(reasonOf(error))}`);
  }

  print();
  if (claims.allHeld) {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(paint(['green', 'bold'], words.allHeld(claims.held, seconds)));
    for (const line of words.next) {
      print(paint('dim', line));
    }
  } else {
    print(paint(['red', 'bold'], words.notHeld(claims.held, claims.expected)));
  }
}
