/** Loaded before the server, in each of its threads: has modules pass through `hooks`. */
import { register } from 'node:module'

register('./hooks.js', import.meta.url)
