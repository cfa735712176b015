package dev.tokenbroker.evaluate.federation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The YAML that the reference of federation documents shows. */
public final class Documented {

  private static final Path PAGE = Path.of("src/docs/use/federation.md");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");
  private static final Predicate<String> CASE_FILE =
      Pattern.compile("(?m)^identities:").asPredicate();

  private Documented() {}

  public static List<String> federations() throws IOException {
    return blocks(CASE_FILE.negate());
  }

  public static List<String> caseFiles() throws IOException {
    return blocks(CASE_FILE);
  }

  private static List<String> blocks(Predicate<String> kind) throws IOException {
    return BLOCK
        .matcher(Files.readString(PAGE))
        .results()
        .map(block -> block.group(1))
        .filter(kind)
        .toList();
  }
}
