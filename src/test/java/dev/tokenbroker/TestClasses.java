package dev.tokenbroker;

import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Lists the compiled classes that have tests, whatever their tags are. {@code .ci/run all} compares
 * them with those that ran.
 */
final class TestClasses {

  private TestClasses() {}

  /** Prints the name of each class, one a line. The argument is the folder of the classes. */
  public static void main(String[] folder) {
    names(all(Path.of(folder[0]))).forEach(System.out::println);
  }

  /** The tests below a folder of classes. */
  static List<TestIdentifier> all(Path folder) {
    // Quarkus' listeners would start applications for the tests.
    LauncherConfig config =
        LauncherConfig.builder()
            .enableTestEngineAutoRegistration(false)
            .enableLauncherSessionListenerAutoRegistration(false)
            .enableLauncherDiscoveryListenerAutoRegistration(false)
            .enablePostDiscoveryFilterAutoRegistration(false)
            .addTestEngines(new JupiterTestEngine())
            .build();
    TestPlan plan =
        LauncherFactory.create(config)
            .discover(
                LauncherDiscoveryRequestBuilder.request()
                    .selectors(selectClasspathRoots(Set.of(folder)))
                    .filters(includeClassNamePatterns("dev\\.tokenbroker\\..*"))
                    .configurationParameter(
                        "junit.jupiter.testclass.order.default",
                        ClassOrderer.ClassName.class.getName())
                    .build());
    return plan.getRoots().stream().flatMap(root -> plan.getDescendants(root).stream()).toList();
  }

  /** The names of the classes of tests, sorted. */
  static List<String> names(List<TestIdentifier> tests) {
    return tests.stream()
        .map(test -> test.getSource().orElse(null))
        .filter(ClassSource.class::isInstance)
        .map(source -> ((ClassSource) source).getClassName())
        .distinct()
        .sorted()
        .toList();
  }
}
