export { busOfProcess } from './joined.js';
