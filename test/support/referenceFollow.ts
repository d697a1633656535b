import { huntOn, huntOnward } from './referenceHunts';
import { closeLonely, endInvitations } from './referenceInvitations';
import type { ReferenceModel } from './referenceModel';
import { ringNext } from './referenceRinging';

/** What follows from whatever happened: invitations end, hunts go on, and what waits for those who are free rings. */
export function follow(model: ReferenceModel): void {
  for (let goesOn = true; goesOn;) {
    goesOn = endInvitations(model);
    goesOn = closeLonely(model) || goesOn;
    goesOn = ringWhoIsFree(model) || goesOn;
  }
}

/** Rings what waits for everybody who can be rung now, until nothing more rings. */
function ringWhoIsFree(model: ReferenceModel): boolean {
  const { calls, waiting } = model.state;
  const hunts = calls.filter(({ isHunting }) => isHunting);
  let moved = false;
  for (const call of hunts) moved = huntOnward(model, call) || moved;
  // What already waits for somebody rings there before a hunt goes on to them.
  for (const name of [...waiting]) while (ringNext(model, name)) moved = true;
  for (const call of hunts) moved = huntOn(model, call) || moved;
  return moved;
}
