package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.issue.signing.SigningKeys.KeySupply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Signing keys that operators put into files. The files are accepted all together or not at all:
 * one bad file leaves everything as it was, and is logged once.
 *
 * <p>A change is detected by content, since not every kind of volume shows it by a time or a name.
 * Only a digest of the content is kept.
 */
final class KeyFiles implements KeySupply {

  private static final System.Logger LOG = System.getLogger(KeyFiles.class.getName());
  private static final int MAX_FILE_BYTES = 64 * 1024;

  private final List<Path> paths;
  private final SignatureProvider provider;
  private final KeyTiming timing;
  private final InstantSource clock;
  private final ChangeListener changes;
  private final ReplicaKeys replicas;
  private byte[] lastSeen = {};

  /** The listed keys, until all replicas publish them; null once they are in the schedule. */
  private volatile @Nullable List<SigningKey> waiting;

  private volatile int problemCount;

  KeyFiles(
      List<Path> paths,
      SignatureProvider provider,
      KeyTiming timing,
      InstantSource clock,
      ChangeListener changes,
      ReplicaKeys replicas) {
    this.replicas = replicas;
    this.paths = List.copyOf(paths);
    this.provider = provider;
    this.timing = timing;
    this.clock = clock;
    this.changes = changes;
  }

  @Override
  public KeySchedule renew(KeySchedule schedule) {
    List<byte[]> contents = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    MessageDigest seen = Sha256.begin();
    for (Path path : paths) {
      byte[] content = read(path, problems);
      contents.add(content);
      seen.update(Sha256.of(content));
    }
    problems.forEach(problem -> seen.update(problem.getBytes(StandardCharsets.UTF_8)));
    byte[] digest = seen.digest();
    if (MessageDigest.isEqual(lastSeen, digest)) {
      return adopted(schedule); // the problems, if any, are the same, too
    }
    // Content counts as seen once it is judged: a failure, for lack of memory say, is tried again.
    List<SigningKey> keys = problems.isEmpty() ? keys(contents, problems) : List.of();
    problemCount = problems.size();
    boolean first = lastSeen.length == 0;
    if (!problems.isEmpty()) {
      lastSeen = digest;
      changed(ChangeKind.KEY_FILES_REJECTED, problems.getFirst());
      report(problems, schedule);
      return schedule;
    }
    waiting = keys;
    LOG.log(System.Logger.Level.INFO, "Signing keys listed now: {0}", keys);
    lastSeen = digest;
    if (!first) {
      changed(ChangeKind.KEY_FILES_RELOADED, kids(keys));
    }
    return adopted(schedule);
  }

  /**
   * The schedule with the listed keys, once all replicas publish them. At a start those that are
   * published so far are enough. A replica that never reached the store does not wait.
   */
  private KeySchedule adopted(KeySchedule schedule) {
    List<SigningKey> listed = waiting;
    if (listed == null) {
      return schedule;
    }
    List<SigningKey> ready =
        listed.stream()
            .filter(key -> !replicas.isKnown() || isServed(key.kid(), schedule))
            .toList();
    if (ready.size() == listed.size()) {
      return schedule.listing(listed, clock.instant(), timing);
    }
    return schedule.isEmpty() && !ready.isEmpty()
        ? schedule.listing(ready, clock.instant(), timing)
        : schedule;
  }

  @Override
  public void settle(KeySchedule schedule) {
    List<SigningKey> listed = waiting;
    if (listed != null && listed.stream().allMatch(key -> schedule.has(key.kid()))) {
      waiting = null;
    }
  }

  private boolean isServed(String kid, KeySchedule schedule) {
    return schedule.has(kid) || replicas.isServedByOthers(kid);
  }

  @Override
  public List<SigningKey> waiting() {
    List<SigningKey> listed = waiting;
    return listed == null ? List.of() : listed;
  }

  private void changed(ChangeKind kind, String is) {
    changes.changed(new Change(kind, SubjectKind.SIGNING_KEYS, "", "", is));
  }

  private static String kids(List<SigningKey> keys) {
    return keys.stream().map(SigningKey::kid).collect(Collectors.joining(", ", "kids ", ""));
  }

  @Override
  public int problems() {
    return problemCount;
  }

  /** The keys of all files, each once, in order. */
  private List<SigningKey> keys(List<byte[]> contents, List<String> problems) {
    Map<String, SigningKey> keys = new LinkedHashMap<>();
    for (int index = 0; index < contents.size(); index++) {
      switch (SigningKeyFile.parse(contents.get(index), provider)) {
        case SigningKeyFile.FileKeys(List<SigningKey> found) ->
            found.forEach(key -> keys.putIfAbsent(key.kid(), key));
        case SigningKeyFile.UnusableKeys(String problem) ->
            problems.add(paths.get(index) + " holds " + problem);
      }
    }
    return List.copyOf(keys.values());
  }

  private static byte[] read(Path path, List<String> problems) {
    try {
      return BoundedFile.read(path, MAX_FILE_BYTES);
    } catch (IOException unreadable) {
      problems.add(path + " cannot be read: " + BoundedFile.why(unreadable));
      return new byte[0];
    }
  }

  private static void report(List<String> problems, KeySchedule schedule) {
    String consequence =
        schedule.isEmpty()
            ? "No token can be signed until token-broker.token.key-files are usable: {0}"
            : "The signing keys stay as they were until token-broker.token.key-files are usable:"
                + " {0}";
    LOG.log(System.Logger.Level.ERROR, consequence, String.join("; ", problems));
  }
}
