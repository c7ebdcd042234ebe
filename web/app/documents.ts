/** The page that lists the documents. */
import { adoptStyles } from '../look/adopt.ts'
import { controls } from '../look/controls.ts'
import { tokens } from '../look/tokens.ts'
import { DocumentsPage } from './documents-page.ts'
import { registerServiceWorker } from './register-service-worker.ts'

adoptStyles(document, tokens, controls)
customElements.define('weft-documents', DocumentsPage)
registerServiceWorker()
