import { marpConfig } from './engine/render/marp.mjs';

export default marpConfig(import.meta.dirname);
