package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.files.WatchedFile;
import dev.tokenbroker.base.jose.SignatureProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Signing keys that operators put into files. The files are accepted all together or not at all:
 * one bad file leaves everything as it was, and is logged once.
 */
final class KeyFiles {

  private static final Logger LOG = Logger.getLogger(KeyFiles.class);
  private static final int MAX_FILE_BYTES = 64 * 1024;

  private final List<WatchedFile<List<SigningKey>>> files;
  private final ChangeListener changes;
  private boolean first = true;

  /** Whether a file has another content than when the files were judged. */
  private boolean changed = true;

  private List<SigningKey> listed = List.of();

  private volatile int problemCount;

  KeyFiles(List<Path> paths, SignatureProvider provider, ChangeListener changes) {
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
    this.changes = changes;
  }

  /** Reads the files; says why if it keeps the keys that it had. */
  void look() {
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
      judge(List.copyOf(keys.values()), problems);
      changed = false;
      first = false;
    }
  }

  /** The keys of the last good files, in order; the same object as long as they do not change. */
  List<SigningKey> listed() {
    return listed;
  }

  /** The number of problems with the files; zero if all are usable. */
  int problems() {
    return problemCount;
  }

  private void judge(List<SigningKey> keys, List<String> problems) {
    problemCount = problems.size();
    if (!problems.isEmpty()) {
      report(ChangeKind.KEY_FILES_REJECTED, problems.getFirst());
      log(problems);
      return;
    }
    listed = keys;
    LOG.infof("Signing keys listed now: %s", keys);
    if (!first) {
      report(ChangeKind.KEY_FILES_RELOADED, kids(keys));
    }
  }

  private void report(ChangeKind kind, String is) {
    changes.changed(new Change(kind, SubjectKind.SIGNING_KEYS, "", "", is));
  }

  private static String kids(List<SigningKey> keys) {
    return keys.stream().map(SigningKey::kid).collect(Collectors.joining(", ", "kids ", ""));
  }

  private void log(List<String> problems) {
    String consequence =
        listed.isEmpty()
            ? "No token can be signed until token-broker.token.key-files are usable: %s"
            : "The signing keys stay as they were until token-broker.token.key-files are usable:"
                + " %s";
    LOG.errorf(consequence, String.join("; ", problems));
  }
}
