// What a person may do: Discord's permission bits, as the server counts them. The server decides;
// the page only hides what would be refused.

export const BIT = {
  ADMINISTRATOR: 1n << 3n, ADD_REACTIONS: 1n << 6n, VIEW: 1n << 10n, SEND: 1n << 11n,
  MANAGE_MESSAGES: 1n << 13n, ATTACH: 1n << 15n, COMMANDS: 1n << 31n, PUBLIC_THREADS: 1n << 35n,
  SEND_IN_THREADS: 1n << 38n, MANAGE_GUILD: 1n << 5n, MANAGE_CHANNELS: 1n << 4n, PIN: 1n << 51n,
};
const EVERYTHING = (1n << 53n) - 1n;

/** The bits of `member` in `channel` (for a thread: its parent). */
export function bitsIn(guild, member, channel) {
  if (!guild) return EVERYTHING;
  if (!member) return 0n;
  if (guild.owner_id === member.user.id) return EVERYTHING;
  const roles = [guild.id, ...member.roles];
  let bits = 0n;
  for (const role of guild.roles) if (roles.includes(role.id)) bits |= BigInt(role.permissions);
  if (bits & BIT.ADMINISTRATOR) return EVERYTHING;
  return overwritten(bits, guild, member, channel?.permission_overwrites ?? []);
}

function overwritten(bits, guild, member, overwrites) {
  const of = (id) => overwrites.filter((one) => one.id === id);
  const apply = (list) => {
    const allow = list.reduce((sum, one) => sum | BigInt(one.allow), 0n);
    const deny = list.reduce((sum, one) => sum | BigInt(one.deny), 0n);
    bits = (bits & ~deny) | allow;
  };
  apply(of(guild.id));
  apply(overwrites.filter((one) => one.id !== guild.id && member.roles.includes(one.id)));
  apply(of(member.user.id));
  return bits;
}

/** Whether a command may be offered to someone with `bits` in this place. */
export function usable(command, guildId, bits) {
  if (!guildId) {
    return command.contexts ? command.contexts.includes(1) : command.dm_permission !== false;
  }
  if (command.contexts && !command.contexts.includes(0)) return false;
  const needed = command.default_member_permissions;
  if (needed === null || needed === undefined || bits === EVERYTHING) return true;
  const mask = BigInt(needed);
  return mask !== 0n && (bits & mask) === mask;
}
