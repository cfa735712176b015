package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.files.WatchedFile;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.issue.signing.SigningKeys.KeySupply;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Signing keys that operators put into files. The files are accepted all together or not at all:
 * one bad file leaves everything as it was, and is logged once.
 */
final class KeyFiles implements KeySupply {

  private static final System.Logger LOG = System.getLogger(KeyFiles.class.getName());
  private static final int MAX_FILE_BYTES = 64 * 1024;

  private final List<WatchedFile<List<SigningKey>>> files;
  private final KeyTiming timing;
  private final InstantSource clock;
  private final ChangeListener changes;
  private final ReplicaKeys replicas;
  private boolean first = true;

  /** Whether a file has another content than when the files were judged. */
  private boolean changed = true;

  /** The listed keys, until all replicas publish them; none once they are in the schedule. */
  private volatile List<SigningKey> waiting = List.of();

  private volatile int problemCount;

  KeyFiles(
      List<Path> paths,
      SignatureProvider provider,
      KeyTiming timing,
      InstantSource clock,
      ChangeListener changes,
      ReplicaKeys replicas) {
    this.replicas = replicas;
    this.files =
        paths.stream()
            .map(
                path ->
                    new WatchedFile<List<SigningKey>>(
                        path,
                        MAX_FILE_BYTES,
                        content -> SigningKeyFile.parse(content, provider),
                        (_, _) -> changed = true))
            .toList();
    this.timing = timing;
    this.clock = clock;
    this.changes = changes;
  }

  @Override
  public KeySchedule renew(KeySchedule schedule) {
    Map<String, SigningKey> keys = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (WatchedFile<List<SigningKey>> file : files) {
      switch (file.look()) {
        case Usable<List<SigningKey>>(var found) ->
            found.forEach(key -> keys.putIfAbsent(key.kid(), key));
        case Unusable<List<SigningKey>>(String problem) ->
            problems.add(file.path() + " " + problem);
      }
    }
    if (changed) {
      judge(List.copyOf(keys.values()), problems, schedule);
      changed = false;
      first = false;
    }
    return adopted(schedule);
  }

  private void judge(List<SigningKey> keys, List<String> problems, KeySchedule schedule) {
    problemCount = problems.size();
    if (!problems.isEmpty()) {
      report(ChangeKind.KEY_FILES_REJECTED, problems.getFirst());
      log(problems, schedule);
      return;
    }
    waiting = keys;
    LOG.log(System.Logger.Level.INFO, "Signing keys listed now: {0}", keys);
    if (!first) {
      report(ChangeKind.KEY_FILES_RELOADED, kids(keys));
    }
  }

  /**
   * The schedule with the listed keys, once all replicas publish them. At a start those that are
   * published so far are enough. A replica that never reached the store does not wait.
   */
  private KeySchedule adopted(KeySchedule schedule) {
    List<SigningKey> listed = waiting;
    if (listed.isEmpty()) {
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
    if (waiting.stream().allMatch(key -> schedule.has(key.kid()))) {
      waiting = List.of();
    }
  }

  private boolean isServed(String kid, KeySchedule schedule) {
    return schedule.has(kid) || replicas.isServedByOthers(kid);
  }

  @Override
  public List<SigningKey> waiting() {
    return waiting;
  }

  private void report(ChangeKind kind, String is) {
    changes.changed(new Change(kind, SubjectKind.SIGNING_KEYS, "", "", is));
  }

  private static String kids(List<SigningKey> keys) {
    return keys.stream().map(SigningKey::kid).collect(Collectors.joining(", ", "kids ", ""));
  }

  @Override
  public int problems() {
    return problemCount;
  }

  private static void log(List<String> problems, KeySchedule schedule) {
    String consequence =
        schedule.isEmpty()
            ? "No token can be signed until token-broker.token.key-files are usable: {0}"
            : "The signing keys stay as they were until token-broker.token.key-files are usable:"
                + " {0}";
    LOG.log(System.Logger.Level.ERROR, consequence, String.join("; ", problems));
  }
}
