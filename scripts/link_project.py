"""Make the project importable in its virtual environment and put `tcert` on its path."""

import sys
import sysconfig
from pathlib import Path

root = Path(__file__).resolve().parents[1]
paths = sysconfig.get_paths()
Path(paths["purelib"], "tcert-hub.pth").write_text(f"{root / 'src'}\n")
command = Path(paths["scripts"], "tcert")
command.write_text(
    f"#!{sys.executable}\nimport sys\n\nfrom tcert.cli import main\n\nsys.exit(main())\n"
)
command.chmod(0o755)
