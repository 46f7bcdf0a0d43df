// `unstick/inspect`: looks at the connections of a running program, as `unstick inspect` looks at captures.

export { inspectConnection } from '../watch/inspect-connection.ts';
export type {
  ChunkLine,
  ConnectionFinding,
  ConnectionInspection,
  InspectConnectionOptions,
} from '../watch/inspect-connection.ts';
export type { Way } from '../capture/events.ts';
export type {
  Cut,
  ErrorLine,
  FrameFound,
  FrameLine,
  GapLine,
  SummaryLine,
  UnfinishedLine,
} from '../inspect/lines.ts';
