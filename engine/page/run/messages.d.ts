// Written by runner/live/messages.py, which says what each is for.

export interface Cluster {
  name: string;
  title: string;
  state: 'starting' | 'ready' | 'down';
  detail: string;
  doing: string;
  dashboard: string;
}

export interface Invitation {
  link: string;
  code: string;
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

export interface StageMessage {
  type: 'stage';
  slide: number;
  step: number;
  blank: '' | 'black' | 'white';
  talk: number | null;
  ticking: boolean;
}

export interface GoMessage {
  type: 'go';
  slide: number;
  step: number;
  blank: '' | 'black' | 'white';
}

export interface InvitationsMessage {
  type: 'invitations';
  remote: Invitation | null;
  audience: Invitation | null;
  paired: boolean;
}

export interface RunRequest {
  type: 'run' | 'stop' | 'answer';
  snippet: string;
  restart?: boolean;
  edits?: Record<string, string>;
  line?: string | null;
}

export interface StageRequest {
  type: 'stage';
  slide: number;
  step: number;
  blank: '' | 'black' | 'white';
  talk: number;
  ticking: boolean;
  turned: boolean;
}

export interface InviteRequest {
  type: 'invite';
}

export interface StartRequest {
  type: 'start';
  cluster: string;
}

export interface GoRequest {
  type: 'go';
  slide: number;
  step: number;
  blank: '' | 'black' | 'white';
}

export type Message =
  | ClustersMessage
  | RunMessage
  | OutputMessage
  | RefusedMessage
  | FaultsMessage
  | ReloadMessage
  | StageMessage
  | GoMessage
  | InvitationsMessage;

export type Request = RunRequest | StageRequest | InviteRequest | StartRequest | GoRequest;
