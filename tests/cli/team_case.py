# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of teams share: the same results in all shapes of the job, whatever becomes of some of the ranks."""
import os
import shutil
import signal
import subprocess
import time

from command import DAMAGED, LAUNCHER, PROGRAM, Case

# What they analyse has no ab text, no server port and no list of descriptors, which is said.
DONE = DAMAGED


class TeamCase(Case):
    def launch_apart(self, directory, *arguments):
        """Three ranks, of which the last two start in another directory."""
        launcher = [LAUNCHER, "--oversubscribe", "--bind-to", "none"]
        command = launcher + ["-n", "1", PROGRAM, *arguments, ":", "-n", "2", "--wdir", os.path.abspath(directory),
                              PROGRAM, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def check_shapes(self, all_ranks=(1, 2, 3, 7)):
        self.twinbed("analyze", "campaign.yaml", "-o", "alone.h5", "--force", "--threads", "1", "--quiet", status=DONE)
        for ranks in all_ranks:
            for threads in (1, 2):
                with self.subTest(ranks=ranks, threads=threads):
                    done = self.twinbed("analyze", "campaign.yaml", "-o", "many.h5", "--verbose", "--threads",
                                        str(threads), ranks=ranks, status=DONE)
                    self.assertEqual("ranks, " in done.stderr, ranks > 1)
                    self.assertNotIn("alone", done.stderr)
                    self.assert_same_results("alone.h5", "many.h5")
                    shutil.rmtree("many.h5.parts")
                    os.remove("many.h5")

    def check_other_files(self, large, left_out=("gone",)):
        """Ranks of which some see another large file: one that was cut, or none at all. Some are left out, and it is said."""
        for damage in ("cut", "gone"):
            shutil.copytree("bed", f"{damage}/bed")
            if damage == "cut":
                os.truncate(f"{damage}/{large}", 15000001)
            else:
                os.remove(f"{damage}/{large}")
        # Behind the copies, which are directories that nothing asks for.
        self.twinbed("analyze", "campaign.yaml", "-o", "alone.h5", "--force", "--threads", "1", "--quiet", status=DONE)
        for damage in ("cut", "gone"):
            with self.subTest(damage=damage):
                # Relative paths: two ranks work in a directory where the large file is another one.
                done = self.launch_apart(damage, "analyze", "campaign.yaml", "-o", os.path.abspath("many.h5"),
                                         "--verbose", "--threads", "1")
                self.assertEqual(done.returncode, DONE, done.stderr[-2000:])
                self.assertIn("ranks, ", done.stderr)
                self.assertEqual("other ranks decode" in done.stderr, damage in left_out, done.stderr[-2000:])
                self.assert_same_results("alone.h5", "many.h5")
                shutil.rmtree("many.h5.parts")
                os.remove("many.h5")

    def check_signal(self):
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
        with subprocess.Popen([LAUNCHER, "--oversubscribe", "--bind-to", "none", "-n", "3", PROGRAM, "analyze",
                               "campaign.yaml", "-o", "many.h5", "--threads", "1"], env=environment,
                              stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as job:
            while job.poll() is None and not os.path.exists("many.h5.parts"):
                time.sleep(0.001)
            time.sleep(0.1)
            job.send_signal(signal.SIGUSR1)  # which mpirun passes on
            rest = job.communicate(timeout=100)[1]
        # Either it was in time, or the job was done already; mpirun gives its own status after a signal.
        self.assertTrue("artifacts used" in rest or "stopped by a signal" in rest, rest)
        self.twinbed("analyze", "campaign.yaml", "-o", "many.h5", "--force", "--quiet", ranks=3, status=DONE)
        self.twinbed("analyze", "campaign.yaml", "-o", "alone.h5", "--threads", "1", "--quiet", status=DONE)
        self.assert_same_results("alone.h5", "many.h5")
