#!/usr/bin/env node
/** The `weft` command. */
import { runCommand } from './cli/program.ts'

await runCommand(process.argv)
