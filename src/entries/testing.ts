// The entry `unstick/testing`: proofs of decoders and of servers, schedules as data, and the proxy that plays
// schedules. Importing this entry does not load fast-check.

export { proveDecoder } from '../prove/decoder/prove-decoder.ts';
export { assertDecoder, decoderMatchers } from '../prove/decoder/matchers.ts';
export type { DecoderMatchers, MatcherResult } from '../prove/decoder/matchers.ts';
export { decoderChecks } from '../prove/decoder/options.ts';
export { NotProvenError, assertProven } from '../prove/decoder/report.ts';
export type {
  ArbitraryLike,
  DecoderMaker,
  DecoderTarget,
  ProveDecoderOptions,
} from '../prove/decoder/options.ts';
export type { CheckResult, DecoderFailure, DecoderReport } from '../prove/decoder/report.ts';
export type { DecoderCheck, FramedSample, StreamSample } from '../prove/decoder/terms.ts';
export type { PushDecoder, PushFactory, Pushed } from '../prove/decoder/target-push.ts';
export type { IterableDecoder, WebPair } from '../prove/decoder/target-async.ts';

export { cutPoints, splitAt } from '../prove/cut-points.ts';
export type { CutPoint, FrameHints, FrameSpan } from '../prove/cut-points.ts';

export { proveServer } from '../prove/server/prove-server.ts';
export { renderReport } from '../prove/evidence/report-text.ts';
export { reportToGithub, reportToJson, reportToJunit } from '../prove/evidence/report-formats.ts';
export type { AnswerEnd, Difference } from '../prove/evidence/answers.ts';
export { formatDialogue, parseDialogue } from '../prove/dialogue/parse.ts';
export type {
  Capture,
  Dialogue,
  Literal,
  Part,
  Speaker,
  Step as DialogueStep,
  StepEnd,
} from '../prove/dialogue/dialogue.ts';
export type { TlsReach, WhereOptions } from '../prove/server/where.ts';
export type { Progress, ProveServerOptions, Until } from '../prove/server/options.ts';
export type {
  Failure,
  EndedBy,
  ReportedAnswer,
  ServerReport,
  Subject,
  Verdict,
} from '../prove/evidence/report.ts';
export type { ScheduleCounts, Tried } from '../prove/evidence/tally.ts';
export type { Varying } from '../prove/evidence/baselines.ts';
export type { RenderOptions } from '../prove/evidence/report-text.ts';

export {
  formatSchedule,
  formatSchedules,
  parseSchedule,
  parseSchedules,
} from '../schedule/schedule.ts';
export { pieces } from '../schedule/pieces.ts';
export {
  coalesce,
  dribble,
  frameAware,
  halves,
  mtu,
  parsePlan,
  planSchedule,
  randomly,
} from '../schedule/plans.ts';
export type { Direction, Op, Schedule } from '../schedule/schedule.ts';
export type { Plan, PlanOptions, Run } from '../schedule/plans.ts';
export type { Random } from '../schedule/random.ts';

export { chop } from '../chop/proxy.ts';
export { parseFault } from '../chop/faults/faults.ts';
export type { Address } from '../deliver/address.ts';
export type { ChopOptions, Passed } from '../chop/chop-options.ts';
export type { ChopProxy } from '../chop/proxy.ts';
export type { ChopChange, ChopChanges, ChopState, LaneState } from '../chop/lanes.ts';
export type {
  ConnectionReport,
  ConnectionStart,
  ConnectionState,
  DirectionReport,
} from '../chop/connection-report.ts';
export type { Boundary } from '../deliver/sender.ts';
export type { Fault } from '../chop/faults/faults.ts';
export type { ChopPlan, FrameAwarePlan, FrameFinder } from '../chop/plan/slicing.ts';
