package dev.tokenbroker.command;

import dev.tokenbroker.command.doctor.CheckGroup;
import dev.tokenbroker.command.doctor.CheckGroup.CheckLine;
import dev.tokenbroker.command.doctor.CheckResult;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.stream.XMLStreamException;

/** The report of {@code doctor} for machines: JSON and JUnit XML. */
final class DoctorFormats {

  private DoctorFormats() {}

  /**
   * One JSON document that ends with a line break.
   *
   * @param success whether the command ends with 0
   */
  static String json(List<CheckGroup> groups, boolean success) {
    JsonArray all = new JsonArray();
    for (CheckGroup group : groups) {
      JsonArray checks = new JsonArray();
      group.checks().forEach(checked -> checks.add(json(checked)));
      all.add(new JsonObject().put("name", group.name()).put("checks", checks));
    }
    return new JsonObject().put("success", success).put("groups", all).encodePrettily() + "\n";
  }

  private static JsonObject json(CheckLine checked) {
    return new JsonObject()
        .put("code", checked.code())
        .put("name", checked.name())
        .put("result", checked.result().label())
        .put("detail", checked.detail())
        .put("remedy", checked.remedy())
        .put("link", checked.check().link());
  }

  /**
   * JUnit XML that ends with a line break: a suite for each group, a test for each check.
   *
   * @param failOnWarning whether a warning is a failed test
   */
  static String junit(List<CheckGroup> groups, boolean failOnWarning) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      JUnitReport.write(
          groups.stream()
              .map(
                  group ->
                      new JUnitReport.Suite(
                          group.name(),
                          group.checks().stream()
                              .map(checked -> test(checked, failOnWarning))
                              .toList()))
              .toList(),
          bytes);
    } catch (XMLStreamException impossible) {
      throw new IllegalStateException("the report cannot be written to memory", impossible);
    }
    return bytes.toString(StandardCharsets.UTF_8) + "\n";
  }

  private static JUnitReport.Check test(CheckLine checked, boolean failOnWarning) {
    boolean failed =
        checked.result() == CheckResult.FAILED
            || (failOnWarning && checked.result() == CheckResult.WARNING);
    return new JUnitReport.Check(
        checked.name(),
        0,
        failed ? checked.code() + ": " + checked.detail() : null,
        failed ? checked.remedy() + " See " + checked.check().link() : "",
        checked.result() == CheckResult.SKIPPED);
  }
}
