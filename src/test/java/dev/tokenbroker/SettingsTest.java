package dev.tokenbroker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.tokenbroker.process.runtime.Unchecked;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import io.smallrye.config.common.utils.StringUtil;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
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

  private static final Path CLASSES = Path.of("target/classes");
  private static final Path GOLDEN = Path.of("src/test/resources/golden/settings.txt");
  private static final Path DOCUMENT = Path.of("src/docs/operate/settings.md");

  private static final String INTERNAL = "\n## Internal settings\n";
  private static final int MOST_DOCUMENTED = 60;

  @Test
  void keys_and_defaults_are_those_of_the_golden_file() throws IOException {
    assertThat(settings()).isEqualTo(Files.readAllLines(GOLDEN));
  }

  @Test
  void each_setting_is_documented_with_its_default_once() throws IOException {
    assertThat(settings())
        .allSatisfy(
            setting ->
                assertThat(Stream.concat(reference(), internal()).filter(setting::equals))
                    .as(setting)
                    .hasSize(1));
  }

  @Test
  void the_reference_has_at_most_60_settings_of_ours() throws IOException {
    assertThat(reference().filter(setting -> setting.startsWith("token-broker.")))
        .hasSizeLessThanOrEqualTo(MOST_DOCUMENTED);
  }

  /** The settings of the reference: rows of key, default and meaning. */
  private static Stream<String> reference() throws IOException {
    return rows(0).filter(cells -> cells.size() == 3).map(SettingsTest::setting);
  }

  /** The internal settings: rows of key and default alone, after the reference. */
  private static Stream<String> internal() throws IOException {
    return rows(1).filter(cells -> cells.size() == 2).map(SettingsTest::setting);
  }

  private static Stream<List<String>> rows(int part) throws IOException {
    List<String> parts = Splitter.on(INTERNAL).splitToList(Files.readString(DOCUMENT));
    assertThat(parts).hasSize(2);
    return parts
        .get(part)
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(line -> Splitter.on(" | ").splitToList(line.substring(2, line.length() - 2)));
  }

  private static String setting(List<String> cells) {
    return cells.getFirst().replace("`", "") + " = " + cells.get(1);
  }

  private static List<String> settings() throws IOException {
    try (Stream<Path> files = Files.walk(CLASSES)) {
      return files
          .filter(file -> file.toString().endsWith(".class") && names(file, ConfigMapping.class))
          .map(SettingsTest::loaded)
          .filter(type -> type.isAnnotationPresent(ConfigMapping.class))
          .flatMap(SettingsTest::keys)
          .sorted()
          .toList();
    }
  }

  /** Whether the file names that type. Far faster than to import each class. */
  private static boolean names(Path classFile, Class<?> type) {
    return Unchecked.get(
        () -> Files.readString(classFile, ISO_8859_1).contains(type.descriptorString()));
  }

  private static Class<?> loaded(Path classFile) {
    String name = CLASSES.relativize(classFile).toString().replace('/', '.');
    return Unchecked.get(() -> Class.forName(name.substring(0, name.length() - ".class".length())));
  }

  private static Stream<String> keys(Class<?> mapping) {
    String prefix = mapping.getAnnotation(ConfigMapping.class).prefix();
    return Arrays.stream(mapping.getMethods())
        .filter(method -> Modifier.isAbstract(method.getModifiers()))
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
