package dev.tokenbroker.judge.possession;

import dev.tokenbroker.process.runtime.DefaultSettings;
import java.nio.file.Path;
import java.util.List;

/** The default settings; a test changes what it is about. */
public interface TestDpopSettings extends DpopSettings {

  static TestDpopSettings defaults() {
    return DefaultSettings.of(DpopSettings.class, TestDpopSettings.class);
  }

  TestDpopSettings withNonceRequired(boolean other);

  TestDpopSettings withNonceSecretFile(Path other);

  TestDpopSettings withMaxRemembered(int other);

  TestDpopSettings withBaseUrls(List<String> other);

  default TestDpopSettings withNonces() {
    return withNonceRequired(true);
  }

  default TestDpopSettings withSecret(Path file) {
    return withNonces().withNonceSecretFile(file);
  }

  default TestDpopSettings withBases(List<String> addresses) {
    return withBaseUrls(addresses);
  }
}
