package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.tokenbroker.command.doctor.Defect;
import dev.tokenbroker.command.doctor.DoctorCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page {@code doctor.md} has a section for each check, which names each defect of it. */
class DoctorDocumentTest {

  private static final Path DOCUMENT = Path.of("src/docs/operate/doctor.md");
  private static final Pattern CODE = Pattern.compile("(?m)^\\| `([A-Z_]+)` \\|");

  @Test
  void has_a_section_for_each_check_in_their_order() throws IOException {
    assertThat(sections().keySet().stream().sorted().toList())
        .containsExactlyElementsOf(
            Arrays.stream(DoctorCheck.values()).map(DoctorCheck::anchor).sorted().toList());
  }

  @Test
  void names_each_defect_in_the_section_of_its_check() throws IOException {
    Map<String, List<String>> named = new TreeMap<>();
    sections()
        .forEach(
            (anchor, text) ->
                named.put(anchor, CODE.matcher(text).results().map(row -> row.group(1)).toList()));

    for (Defect defect : Defect.values()) {
      assertThat(named.get(defect.check().anchor())).contains(defect.name());
    }
    assertThat(named.values().stream().flatMap(List::stream))
        .allMatch(code -> Arrays.stream(Defect.values()).anyMatch(one -> one.name().equals(code)));
  }

  private static Map<String, String> sections() throws IOException {
    Map<String, String> sections = new TreeMap<>();
    Splitter.on("\n### ")
        .splitToStream(Files.readString(DOCUMENT))
        .skip(1)
        .forEach(
            section ->
                sections.put(
                    section.lines().findFirst().orElseThrow(),
                    section.substring(section.indexOf('\n'))));
    return sections;
  }
}
