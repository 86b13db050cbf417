import type MarkdownItClass from 'markdown-it';
import type { DeckMarp } from './marp.mjs';

/** markdown-it as Marpit hands it to a plugin. */
export type MarkdownIt = MarkdownItClass & { marpit: DeckMarp };
export type StateBlock = InstanceType<MarkdownItClass['block']['State']>;
export type StateCore = InstanceType<MarkdownItClass['core']['State']>;
export type Token = InstanceType<StateCore['Token']>;
