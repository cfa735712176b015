package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Artifact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** Opens what the build has packed: nothing of dev mode may be in it. */
class ProductionArchiveIT {

  private static final Path APPLICATION = Artifact.built().jars();
  private static final String PACKAGE = "dev/tokenbroker/devissuer";

  @Test
  void holds_the_broker() throws IOException {
    assertThat(entries()).contains("dev/tokenbroker/base/refusal/Outcome.class");
  }

  @Test
  void holds_nothing_of_dev_mode() throws IOException {
    assertThat(entries())
        .contains("application.properties")
        .doesNotContain("application-dev.properties")
        .noneMatch(entry -> entry.contains(PACKAGE));
  }

  @Test
  void names_the_development_issuer_in_no_own_or_generated_class() throws IOException {
    List<String> naming = new ArrayList<>();
    for (Path jar : jars()) {
      if (!jar.startsWith(APPLICATION.resolve("lib"))) {
        naming.addAll(classesNaming(jar));
      }
    }

    assertThat(naming).isEmpty();
  }

  private static List<String> entries() throws IOException {
    List<String> entries = new ArrayList<>();
    for (Path jar : jars()) {
      try (JarFile file = new JarFile(jar.toFile())) {
        entries.addAll(file.stream().map(ZipEntry::getName).toList());
      }
    }
    return entries;
  }

  private static List<Path> jars() throws IOException {
    try (Stream<Path> files = Files.walk(APPLICATION)) {
      return files.filter(file -> file.toString().endsWith(".jar")).toList();
    }
  }

  private static List<String> classesNaming(Path jar) throws IOException {
    List<String> naming = new ArrayList<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : file.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
        byte[] content = file.getInputStream(entry).readAllBytes();
        if (new String(content, StandardCharsets.ISO_8859_1).contains(PACKAGE)) {
          naming.add(entry.getName());
        }
      }
    }
    return naming;
  }
}
