/** How often something that costs us may happen for one address within a stretch of time. */
export interface Quota {
  /** Whether nothing is left for `address`. */
  isSpent(address: string): Promise<boolean>
  /** Takes one; false when nothing was left. */
  take(address: string): Promise<boolean>
}
