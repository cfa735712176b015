package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reports what has changed between two fetches from one issuer, {@value #MAX_REPORTED} changes of a
 * document at most. Safe for use by several threads.
 */
final class IssuerChanges {

  static final int MAX_REPORTED = 32;

  /** A smaller difference of two measurements may come from the network. */
  private static final Duration LEAST_STEP = Duration.ofSeconds(5);

  private static final int MAX_MEMBERS = 128;
  private static final String ISSUER = "issuer";
  private static final String MISMATCH = RefusalReason.DISCOVERY_ISSUER_MISMATCH.name();
  private static final String KEY_LOCATION = "jwks_uri";

  private final String issuer;
  private final String place;
  private final ChangeListener listener;
  private @Nullable Map<String, DocumentMember> metadata;
  private @Nullable ClockOffset offset;
  private @Nullable Instant discovered;
  private @Nullable Instant measured;
  private Duration sinceDiscovery = Duration.ZERO;

  /** The value of a member: its beginning, and a hash of the whole, since only a part is kept. */
  private record DocumentMember(String shown, int hash) {

    static DocumentMember of(Object value) {
      String text = String.valueOf(value);
      return new DocumentMember(Evidence.clean(text), text.hashCode());
    }
  }

  /**
   * @param place the place of the keys, if the identifier does not say it
   */
  IssuerChanges(String issuer, String place, ChangeListener listener) {
    this.issuer = issuer;
    this.place = place;
    this.listener = listener;
  }

  /**
   * Reports the keys that differ; null for none.
   *
   * @param sinceLook the time since the issuer published the key set before
   */
  void keys(@Nullable KeyChange change, Duration sinceLook) {
    if (change == null) {
      return;
    }
    change.names().stream().limit(MAX_REPORTED).forEach(kid -> key(kid, change, sinceLook));
  }

  private void key(String kid, KeyChange change, Duration sinceLook) {
    Set<String> was = change.before().get(kid);
    Set<String> is = change.after().get(kid);
    if (was == null) {
      report(ChangeKind.KEY_ADDED, "", shown(kid, is), sinceLook);
    } else if (is == null) {
      report(ChangeKind.KEY_REMOVED, shown(kid, was), "", sinceLook, new Clue.Names(was, false));
    } else {
      report(
          ChangeKind.KEY_REPLACED,
          shown(kid, was),
          shown(kid, is),
          sinceLook,
          new Clue.Names(was, false));
    }
  }

  private static String shown(String kid, @Nullable Collection<String> thumbprints) {
    return "kid "
        + kid
        + (thumbprints == null ? "" : ", key " + String.join(", ", new TreeSet<>(thumbprints)));
  }

  /** Reports another place of the key set, once the document was compared. */
  synchronized void moved(URI was, URI is) {
    report(ChangeKind.KEY_LOCATION_MOVED, was.toString(), is.toString(), sinceDiscovery);
  }

  /**
   * Compares a discovery document with the last one, member by member. It may name another issuer,
   * which is a change like any other; a document that names none is no discovery document.
   */
  synchronized void discovered(byte[] document, Instant at) {
    if (!(PeerJson.object(document)
            instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members))
        || !(members.get(ISSUER) instanceof String itself)) {
      return;
    }
    Map<String, DocumentMember> now = new TreeMap<>();
    members.entrySet().stream()
        .filter(member -> !member.getKey().equals(KEY_LOCATION))
        .limit(MAX_MEMBERS)
        .forEach(
            member ->
                now.put(Evidence.clean(member.getKey()), DocumentMember.of(member.getValue())));
    sinceDiscovery = between(discovered, at);
    discovered = at;
    Map<String, DocumentMember> before = metadata;
    metadata = now;
    if (before != null && !before.equals(now)) {
      Set<String> names = new TreeSet<>(before.keySet());
      names.addAll(now.keySet());
      names.stream()
          .filter(name -> !Objects.equals(before.get(name), now.get(name)))
          .limit(MAX_REPORTED)
          .forEach(
              name ->
                  report(
                      ChangeKind.DISCOVERY_CHANGED,
                      member(name, before),
                      member(name, now),
                      sinceDiscovery,
                      name.equals(ISSUER) ? Clue.of(Clue.issuer(itself), MISMATCH) : Clue.none()));
    }
  }

  private static String member(String name, Map<String, DocumentMember> members) {
    DocumentMember value = members.get(name);
    return value == null ? "" : name + "=" + value.shown();
  }

  /** Compares a measured clock offset with the last one. */
  synchronized void measured(ClockOffset now, Instant at) {
    ClockOffset before = offset;
    Duration since = between(measured, at);
    offset = now;
    measured = at;
    if (before == null) {
      return;
    }
    Duration step = now.measured().minus(before.measured()).abs();
    Duration doubt = now.uncertainty().plus(before.uncertainty());
    if (step.minus(doubt).compareTo(LEAST_STEP) > 0) {
      Clue offsets = new Clue.Offsets(before.measured(), now.measured());
      report(ChangeKind.CLOCK_STEPPED, ahead(before), ahead(now), since, offsets);
    }
  }

  private static String ahead(ClockOffset offset) {
    return offset.measured().toSeconds() + " s ahead of the broker";
  }

  private static Duration between(@Nullable Instant before, Instant at) {
    return before == null ? Duration.ZERO : Duration.between(before, at);
  }

  private void report(ChangeKind kind, String was, String is, Duration since) {
    report(kind, was, is, since, Clue.none());
  }

  private void report(ChangeKind kind, String was, String is, Duration since, Clue clue) {
    listener.changed(Change.ofIssuer(kind, issuer, was, is).of(place).since(since).with(clue));
  }
}
