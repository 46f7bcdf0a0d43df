// The entry `unstick/inspect`: finds frames in the connections of a running program, as `unstick inspect`
// finds frames in captures.

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
