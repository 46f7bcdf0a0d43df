// `unstick/testing`: proofs of decoders and of servers, schedules as data, and the proxy that plays
// them. Whatever is exported here is a promise; what is not, is not.

export { proveDecoder } from './decoder.ts';
export { decoderChecks } from './decoder-options.ts';
export { NotProvenError, assertProven } from './decoder-report.ts';
export type { DecoderMaker, DecoderTarget, ProveDecoderOptions } from './decoder-options.ts';
export type { CheckResult, DecoderCheck, DecoderFailure, DecoderReport } from './decoder-report.ts';
export type { FramedSample, StreamSample } from './decoder-streams.ts';
export type { PushDecoder, PushFactory } from './decoder-target.ts';
export type { IterableDecoder, WebPair } from './decoder-target-async.ts';

export { chunkings, coalescings, cuts, frameCuts, hostileBytes, splitAt } from './arbitraries.ts';
export { cutPoints } from './cut-points.ts';
export type { ChunkingOptions, HostileOptions } from './arbitraries.ts';
export type { CutPoint, FrameHints, FrameSpan } from './cut-points.ts';

export { proveServer } from './server.ts';
export { renderReport } from './report-text.ts';
export { reportToJson, reportToJunit } from './report-formats.ts';
export type { AnswerEnd, Difference } from './server-answers.ts';
export type { ProveServerOptions, Until } from './server-options.ts';
export type { Failure, ReportedAnswer, ScheduleCounts, ServerReport, Verdict } from './report.ts';
export type { RenderOptions } from './report-text.ts';

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
export { parseFault } from '../chop/faults.ts';
export type { Address } from '../chop/address.ts';
export type { ChopOptions } from '../chop/chop-options.ts';
export type { ChopProxy } from '../chop/proxy.ts';
export type { ConnectionReport, ConnectionStart, DirectionReport } from '../chop/link.ts';
export type { Boundary } from '../chop/sender.ts';
export type { Fault } from '../chop/faults.ts';
export type { ChopPlan, FrameAwarePlan, FrameFinder } from '../chop/slicing.ts';
