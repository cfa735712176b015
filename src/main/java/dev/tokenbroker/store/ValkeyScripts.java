package dev.tokenbroker.store;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.List;

/** The commands that the broker sends to the store. Each touches the names of one hash slot. */
final class ValkeyScripts {

  /**
   * Writes all values, unless a name has another value than the one that may be replaced. Returns
   * the values found, an empty text for none; or nothing at all if it has written.
   */
  private static final String CLAIM =
      """
      local found, held = {}, false
      for i, name in ipairs(KEYS) do
        found[i] = redis.call('GET', name) or ''
        held = held or (found[i] ~= '' and found[i] ~= ARGV[1 + #KEYS + i])
      end
      if held then return found end
      for i, name in ipairs(KEYS) do redis.call('SET', name, ARGV[1 + i], 'PX', ARGV[1]) end
      return {}
      """;

  /** Replaces the values that are still there, and leaves their time to live. */
  private static final String CONFIRM =
      """
      for i, name in ipairs(KEYS) do
        if redis.call('GET', name) == ARGV[i] then
          redis.call('SET', name, ARGV[#KEYS + i], 'KEEPTTL')
        end
      end
      return 0
      """;

  /** Deletes the names that still have these values. */
  private static final String GIVE_BACK =
      """
      for i, name in ipairs(KEYS) do
        if redis.call('GET', name) == ARGV[i] then redis.call('DEL', name) end
      end
      return 0
      """;

  private ValkeyScripts() {}

  /**
   * @param replaceable for each value what may be replaced, an empty text for nothing
   */
  static Request claim(List<StoredValue> values, List<String> replaceable, Duration ttl) {
    Request request = script(CLAIM, values);
    request.arg(Math.max(1, ttl.toMillis()));
    values.forEach(value -> request.arg(value.value()));
    replaceable.forEach(request::arg);
    return request;
  }

  static Request confirm(List<StoredValue> values, List<StoredValue> confirmed) {
    Request request = script(CONFIRM, values);
    values.forEach(value -> request.arg(value.value()));
    confirmed.forEach(value -> request.arg(value.value()));
    return request;
  }

  static Request giveBack(List<StoredValue> values) {
    Request request = script(GIVE_BACK, values);
    values.forEach(value -> request.arg(value.value()));
    return request;
  }

  static Request look(List<String> names) {
    Request request = Request.cmd(Command.MGET);
    names.forEach(request::arg);
    return request;
  }

  /** Waits until that many replicas of the server have what this connection wrote before. */
  static Request await(int replicas, int millis) {
    return Request.cmd(Command.WAIT).arg(replicas).arg(millis);
  }

  static Request ping() {
    return Request.cmd(Command.PING);
  }

  private static Request script(String script, List<StoredValue> values) {
    Request request = Request.cmd(Command.EVAL).arg(script).arg(values.size());
    values.forEach(value -> request.arg(value.name()));
    return request;
  }
}
