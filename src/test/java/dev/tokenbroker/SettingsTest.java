package dev.tokenbroker;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import io.smallrye.config.common.utils.StringUtil;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The settings are a contract with those who run the broker: each key and default is pinned and
 * documented.
 */
class SettingsTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden/settings.txt");
  private static final Path DOCUMENT = Path.of("src/docs/operate/settings.md");

  private static final List<String> SETTINGS = settings();

  @Test
  void keys_and_defaults_are_those_of_the_golden_file() throws IOException {
    assertThat(SETTINGS).isEqualTo(Files.readAllLines(GOLDEN));
  }

  @Test
  void each_setting_is_documented_with_its_default() throws IOException {
    List<String> rows =
        Files.readAllLines(DOCUMENT).stream().filter(line -> line.startsWith("| `")).toList();
    assertThat(SETTINGS)
        .allSatisfy(
            setting -> {
              String key = setting.substring(0, setting.indexOf(" = "));
              String value = setting.substring(setting.indexOf(" = ") + 3);
              assertThat(rows).anyMatch(row -> row.startsWith("| `" + key + "` | " + value + " |"));
            });
  }

  private static List<String> settings() {
    return new ClassFileImporter()
        .withImportOption(new DoNotIncludeTests()).importPackages("dev.tokenbroker").stream()
            .filter(type -> type.isAnnotatedWith(ConfigMapping.class))
            .map(JavaClass::reflect)
            .flatMap(SettingsTest::keys)
            .sorted()
            .toList();
  }

  private static Stream<String> keys(Class<?> mapping) {
    String prefix = mapping.getAnnotation(ConfigMapping.class).prefix();
    return Arrays.stream(mapping.getMethods())
        .map(method -> prefix + "." + key(method) + " = " + value(method));
  }

  private static String key(Method method) {
    WithName name = method.getAnnotation(WithName.class);
    return name == null ? StringUtil.skewer(method.getName()) : name.value();
  }

  private static String value(Method method) {
    WithDefault value = method.getAnnotation(WithDefault.class);
    return value == null ? "(none)" : value.value();
  }
}
