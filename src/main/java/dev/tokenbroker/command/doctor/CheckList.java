package dev.tokenbroker.command.doctor;

import dev.tokenbroker.command.doctor.CheckGroup.CheckLine;
import java.util.ArrayList;
import java.util.List;

/** Collects the results of one group. Used by one thread. */
public final class CheckList {

  private final String name;
  private final List<CheckLine> checks = new ArrayList<>();

  public CheckList(String name) {
    this.name = name;
  }

  /** Adds a check that passed. */
  public void passed(DoctorCheck check, String detail) {
    add(check, check.name(), CheckResult.PASSED, detail, "", false);
  }

  /** Adds a check that was not made. */
  public void skipped(DoctorCheck check, String why) {
    add(check, check.name(), CheckResult.SKIPPED, why, "", false);
  }

  /**
   * Adds a defect.
   *
   * @param seen the cause
   * @param remedy a sentence that follows from the cause
   */
  public void found(Defect defect, String seen, String remedy) {
    found(defect.check(), defect, seen, remedy);
  }

  /** Adds a defect that another check than its own has found. */
  void found(DoctorCheck check, Defect defect, String seen, String remedy) {
    add(check, defect.name(), defect.result(), seen, remedy, defect.mayPass());
  }

  /** Adds a refusal by the broker, whose reason is the code. */
  public void refused(DoctorCheck check, String reason, String seen, String remedy) {
    add(check, reason, CheckResult.FAILED, seen, remedy, false);
  }

  private void add(
      DoctorCheck check,
      String code,
      CheckResult result,
      String detail,
      String remedy,
      boolean mayPass) {
    checks.add(new CheckLine(check, code, check.title(), result, detail, remedy, mayPass));
  }

  /** Returns the group. */
  public CheckGroup group() {
    return new CheckGroup(name, checks);
  }
}
