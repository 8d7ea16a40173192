/** The function by which a program says what its update will need. It is for components alone. */
export const announceToken = "slipway:index:announce";
