// Written by runner/live/messages.py, which says what each is for.

export interface Cluster {
  name: string;
  title: string;
  state: 'starting' | 'ready' | 'down';
  detail: string;
  doing: string;
  dashboard: string;
}

export interface ClustersMessage {
  type: 'clusters';
  clusters: Cluster[];
}

export interface RunMessage {
  type: 'run';
  run: string;
  snippet: string;
  state: 'waiting' | 'running' | 'exited';
  detail: string;
  elapsed: number;
  status: number | null;
  expected: number;
  columns: number;
  rows: number;
  asks: string | null;
  fault: 'cluster' | null;
  edited: boolean;
  difference: string | null;
}

export interface OutputMessage {
  type: 'output';
  run: string;
  snippet: string;
  data: string;
}

export interface RefusedMessage {
  type: 'refused';
  snippet: string;
  reason: 'running' | 'unknown' | 'busy' | 'malformed' | 'edit';
  detail: string;
}

export interface FaultsMessage {
  type: 'faults';
  faults: string[];
  shown: boolean;
}

export interface ReloadMessage {
  type: 'reload';
}

export interface Request {
  type: 'run' | 'stop' | 'answer';
  snippet: string;
  restart?: boolean;
  edits?: Record<string, string>;
  line?: string | null;
}

export type Message =
  | ClustersMessage
  | RunMessage
  | OutputMessage
  | RefusedMessage
  | FaultsMessage
  | ReloadMessage;
