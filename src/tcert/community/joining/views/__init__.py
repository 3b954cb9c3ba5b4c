"""Pages of joining: the door, the applicant's, the members', the desk's."""
