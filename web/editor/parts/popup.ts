/**
 * Shows a `popover="manual"` panel beside a button and closes it the way people expect: Escape, a press elsewhere, focus moving on.
 *
 * Manual, because `auto` popovers close each other and the embedder's own.
 */

/** Distance in pixels between the panel, its button and the edges of the window. */
const GAP = 6

export interface PopupOptions {
  /** Called once, however the panel closes. `returnsFocus` is true when the keyboard closed it. */
  readonly onClose: (returnsFocus: boolean) => void
}

/** Opens `panel` next to `anchor` and returns what closes it. */
export function openPopup(panel: HTMLElement, anchor: HTMLElement, { onClose }: PopupOptions): () => void {
  const listening = new AbortController()
  const close = (returnsFocus: boolean): void => {
    if (listening.signal.aborted) return
    listening.abort()
    if (panel.matches(':popover-open')) panel.hidePopover()
    onClose(returnsFocus)
  }
  const isInside = (target: EventTarget): boolean => target === panel || target === anchor

  panel.showPopover()
  place(panel, anchor)

  const { signal } = listening
  const page = panel.ownerDocument
  page.addEventListener(
    'pointerdown',
    (event) => {
      if (!event.composedPath().some(isInside)) close(false)
    },
    { signal, capture: true },
  )
  panel.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      close(true)
    },
    { signal },
  )
  panel.addEventListener(
    'focusout',
    ({ relatedTarget }) => {
      // Null is the window losing focus, not the person moving on.
      if (relatedTarget instanceof Node && !panel.contains(relatedTarget) && relatedTarget !== anchor) close(false)
    },
    { signal },
  )
  page.defaultView?.addEventListener('resize', () => place(panel, anchor), { signal })
  return () => close(false)
}

/** Below the anchor, above where there is no room below, and never over the window's edge. */
function place(panel: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = panel
  const { clientWidth, clientHeight } = panel.ownerDocument.documentElement
  const isRightToLeft = getComputedStyle(anchor).direction === 'rtl'
  const left = isRightToLeft ? at.right - width : at.left
  const below = at.bottom + GAP
  const top = below + height + GAP > clientHeight ? Math.max(GAP, at.top - GAP - height) : below
  panel.style.setProperty('left', `${Math.max(GAP, Math.min(left, clientWidth - width - GAP))}px`)
  panel.style.setProperty('top', `${top}px`)
}
