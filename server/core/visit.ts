/** What a transport knows of whoever connects or asks. */
import type { AccessRequest } from '../ports/authorizer.ts'

/** Everything an authorizer is told but the document. The token is what came with the connection, null when none did. */
export type Visit = Omit<AccessRequest, 'document'>
