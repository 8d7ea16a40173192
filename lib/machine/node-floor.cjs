"use strict";
// The oldest Node that Slipway runs with. Older ones read this file, to say so: nothing newer than
// ECMAScript 5 in it.

var FLOOR = [22, 18];

exports.isRecent = function isRecent(version) {
  var found = version.split(".").map(Number);
  return found[0] > FLOOR[0] || (found[0] === FLOOR[0] && found[1] >= FLOOR[1]);
};

exports.tooOld = function tooOld(what, instead) {
  return (
    what +
    " needs Node " +
    FLOOR.join(".") +
    " or newer; this is Node " +
    process.versions.node +
    " (" +
    process.execPath +
    "). " +
    instead
  );
};

exports.requireRecent = function requireRecent(what) {
  if (exports.isRecent(process.versions.node)) return;
  console.error(
    exports.tooOld(
      what,
      "Put a newer one first on PATH: https://nodejs.org. In a clone of Slipway, `npm run pulumi` fetches one by itself.",
    ),
  );
  process.exit(1);
};
