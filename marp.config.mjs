import { marpConfig } from './engine/engine.mjs';

export default marpConfig(import.meta.dirname);
